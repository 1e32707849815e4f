import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, it } from 'vitest';
import { type Credentials, createCredentials, LINK_DAYS } from '../../connector/credentials/credentials.ts';
import { reissueCredentials } from '../../connector/credentials/reissue.ts';
import { revealStorageKey, SHOWN_FOR_MS } from '../../connector/credentials/storage-key.ts';
import { createLog } from '../../connector/log.ts';
import { createMailer } from '../../connector/mail/mailer.ts';
import { loadTemplates } from '../../connector/mail/templates.ts';
import { hashToken, newToken } from '../../connector/secrets/token.ts';
import { createVault } from '../../connector/secrets/vault.ts';
import { describeOnEachDatabase, type TestDatabase } from '../support/database.ts';
import { startTestWorld } from '../support/sandbox.ts';
import { type SeededSale, seedSale } from '../support/seed.ts';
import { seedStorageKey } from './seed-storage.ts';

const DAY = 86_400_000;
const vault = createVault([randomBytes(32).toString('base64')]);
const tokenOf = (url: string) => url.split('/').at(-1)!;

describeOnEachDatabase('credentials', (open) => {
  let db: TestDatabase;
  let sale: SeededSale;
  let time: Date;
  let credentials: Credentials;
  const now = () => time;
  const contact = () => ({
    fact: `run_${sale.subscriptionId}_contact`,
    subscriptionId: sale.subscriptionId,
    stakeholderId: null,
    partnerId: 77,
  });

  beforeEach(async () => {
    db ??= await open();
    time = new Date('2026-11-21T06:00:00Z');
    sale = await seedSale(db);
    credentials = createCredentials({ db, vault, publicUrl: 'https://connect.example.com/', now });
  });

  it('issues a link that is stored only as a hash, and says whose it is', async () => {
    const { url, expiresAt } = await credentials.issue(contact());
    expect(url).toMatch(/^https:\/\/connect\.example\.com\/credentials\/[\w-]{43}$/);
    expect(expiresAt.getTime() - time.getTime()).toBe(LINK_DAYS * DAY);
    const token = tokenOf(url);
    const stored = await db.query('select * from links where subscription_id = $1', [sale.subscriptionId]);
    expect(stored.rows).toEqual([expect.objectContaining({ token_hash: hashToken(token), partner_id: 77 })]);
    expect(JSON.stringify(stored.rows)).not.toContain(token);
    expect(await credentials.resolve(token)).toMatchObject({
      state: 'live',
      link: {
        subscriptionId: sale.subscriptionId,
        projectId: sale.projectId,
        project: 'Harbour Tower',
        person: 'Ada Contact',
        stakeholderId: null,
        partnerId: 77,
        locale: 'en',
      },
    });
  });

  it('says the same link again for the same fact, with its first end, and fills in a partner found later', async () => {
    const first = await credentials.issue({ ...contact(), partnerId: null });
    time = new Date(time.getTime() + DAY);
    const second = await credentials.issue(contact());
    expect(second).toEqual(first);
    const again = await credentials.issue({ ...contact(), partnerId: null });
    expect(await credentials.resolve(tokenOf(again.url))).toMatchObject({ link: { partnerId: 77 } });
    const other = await credentials.issue({ ...contact(), fact: 'another' });
    expect(other.url).not.toBe(first.url);
  });

  it('names the stakeholder of a stakeholder’s link', async () => {
    const { url } = await credentials.issue({
      ...contact(),
      fact: `s${sale.subscriptionId}`,
      stakeholderId: sale.stakeholderIds[1]!,
    });
    expect(await credentials.resolve(tokenOf(url))).toMatchObject({
      link: { person: 'Lars Lead', stakeholderId: sale.stakeholderIds[1] },
    });
  });

  it('ends links by time and by revoking', async () => {
    const { url } = await credentials.issue(contact());
    time = new Date(time.getTime() + LINK_DAYS * DAY);
    expect(await credentials.resolve(tokenOf(url))).toEqual({ state: 'expired' });
    time = new Date(time.getTime() - 1);
    expect(await credentials.revoke({ subscriptionId: sale.subscriptionId })).toBe(1);
    expect(await credentials.resolve(tokenOf(url))).toEqual({ state: 'revoked' });
    expect(await credentials.revoke({ subscriptionId: sale.subscriptionId })).toBe(0);
  });

  it('knows no token that was never issued', async () => {
    for (const token of [newToken(), 'short', '', "' or 1=1 --", 'x'.repeat(10_000)])
      expect(await credentials.resolve(token)).toEqual({ state: 'unknown' });
  });

  const contactLink = async () => {
    const { url } = await credentials.issue(contact());
    const found = await credentials.resolve(tokenOf(url));
    if (found.state !== 'live') throw new Error(found.state);
    return found.link;
  };
  const reveal = async (browser: string) =>
    revealStorageKey({ db, vault, now }, { link: await contactLink(), browser });

  it('shows the storage key in one browser for fifteen minutes', async () => {
    await seedStorageKey({ db, vault, projectId: sale.projectId, key: 'K005-secret' });
    const first = newToken();
    const shown = await reveal(first);
    expect(shown).toMatchObject({
      outcome: 'shown',
      until: new Date(time.getTime() + SHOWN_FOR_MS),
      key: { keyId: 'key-1', applicationKey: 'K005-secret', bucket: 'cde-bucket', prefix: 'project-1/' },
    });
    expect(await reveal(newToken())).toEqual({ outcome: 'used' });
    time = new Date(time.getTime() + SHOWN_FOR_MS - 1);
    expect(await reveal(first)).toMatchObject({ outcome: 'shown', key: { applicationKey: 'K005-secret' } });
    time = new Date(time.getTime() + 1);
    expect(await reveal(first)).toEqual({ outcome: 'used' });
    const { rows } = await db.query('select * from links where subscription_id = $1', [sale.subscriptionId]);
    expect(JSON.stringify(rows)).not.toContain(first);
  });

  it('lets only one of two browsers win', async () => {
    await seedStorageKey({ db, vault, projectId: sale.projectId, key: 'K005-secret' });
    const link = await contactLink();
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, () => revealStorageKey({ db, vault, now }, { link, browser: newToken() })),
    );
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual([
      'shown',
      'used',
      'used',
      'used',
      'used',
      'used',
    ]);
  });

  it('shows nothing that is not ready or revoked, burning nothing, and nothing to others', async () => {
    const browser = newToken();
    expect(await reveal(browser)).toEqual({ outcome: 'none' });
    await seedStorageKey({ db, vault, projectId: sale.projectId, key: 'K005-secret' });
    expect(await reveal(newToken())).toMatchObject({ outcome: 'shown' });
    await db.query('update secrets set revoked_at = now() where owner = $1', [`project_${sale.projectId}`]);
    expect(await reveal(browser)).toEqual({ outcome: 'none' });
    const link = { ...(await contactLink()), stakeholderId: sale.stakeholderIds[0]! };
    expect(await revealStorageKey({ db, vault, now }, { link, browser })).toEqual({ outcome: 'not_yours' });
  });

  it('re-issues to everybody who had a link, ending the old ones', async () => {
    const world = await startTestWorld();
    const mailer = createMailer({
      db,
      smtpUrl: world.env.SMTP_URL!,
      from: world.env.MAIL_FROM!,
      templates: loadTemplates(fileURLToPath(new URL('../../templates', import.meta.url))),
      log: createLog({ level: 'silent' }),
      now,
    });
    const deps = { db, credentials, mailer, now };
    await expect(reissueCredentials(deps, sale.subscriptionId)).rejects.toMatchObject({
      kind: 'absent',
      code: 'no_credentials',
    });
    const old = await credentials.issue(contact());
    const stakeholderId = sale.stakeholderIds[0]!;
    await credentials.issue({ ...contact(), fact: `s_${stakeholderId}`, stakeholderId, partnerId: 78 });
    const { mailed } = await reissueCredentials(deps, sale.subscriptionId);
    expect(mailed).toHaveLength(2);
    expect(await credentials.resolve(tokenOf(old.url))).toEqual({ state: 'revoked' });
    const [toContact] = await world.systems.mail.to(mailed[0]!);
    const url = /https:\S+\/credentials\/\S+/.exec(toContact!.text)![0];
    expect(await credentials.resolve(tokenOf(url))).toMatchObject({
      state: 'live',
      link: { stakeholderId: null, partnerId: 77 },
    });
    time = new Date(time.getTime() + 1000);
    expect((await reissueCredentials(deps, sale.subscriptionId)).mailed).toEqual(mailed);
    expect(await credentials.resolve(tokenOf(url))).toEqual({ state: 'revoked' });
    expect(world.systems.mail.count()).toBe(4);
    mailer.close();
  });
});
