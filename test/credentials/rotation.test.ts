/** CONNECTOR_SECRET replaced by a new one: links in mails stay the same, and the old secret can be taken away. */
import { randomBytes } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import { loadDraft, orderTokenOf, saveDraft } from '../../connector/billing/drafts.ts';
import { claimKey, keepAnswer, recall } from '../../connector/billing/idempotency.ts';
import { beginOffer, findOffer, makeOffer } from '../../connector/billing/offers.ts';
import { orderLink } from '../../connector/billing/order-link.ts';
import { findOrder } from '../../connector/billing/orders.ts';
import { createCredentials } from '../../connector/credentials/credentials.ts';
import { reseal } from '../../connector/credentials/reseal.ts';
import { revealStorageKey } from '../../connector/credentials/storage-key.ts';
import { createVault, type Vault } from '../../connector/secrets/vault.ts';
import { describeOnEachDatabase, type TestDatabase } from '../support/database.ts';
import { type SeededSale, seedSale } from '../support/seed.ts';
import { seedStorageKey } from './seed-storage.ts';

const secret = () => randomBytes(32).toString('base64');
const [older, newer] = [secret(), secret()];
const publicUrl = 'https://connect.example.com';
const now = () => new Date('2026-11-21T06:00:00Z');
const tokenOf = (url: string) => url.split('/').at(-1)!;

describeOnEachDatabase('a replaced CONNECTOR_SECRET', (open) => {
  let db: TestDatabase;
  let sale: SeededSale;
  beforeEach(async () => {
    db ??= await open();
    sale = await seedSale(db);
  });
  const before = createVault([older]);
  const rotated = createVault([newer, older]);
  const after = createVault([newer]);

  const timeline = (vault: Vault) => orderLink(db, { orderId: sale.orderId, publicUrl, vault });
  const contact = (vault: Vault) =>
    createCredentials({ db, vault, publicUrl, now }).issue({
      fact: `run_${sale.subscriptionId}_contact`,
      subscriptionId: sale.subscriptionId,
      stakeholderId: null,
      partnerId: null,
    });

  it('keeps the links of mails: a repeat says the same ones, and what was mailed goes on working', async () => {
    const mailed = { timeline: await timeline(before), contact: await contact(before) };
    expect({ timeline: await timeline(rotated), contact: await contact(rotated) }).toEqual(mailed);
    await reseal({ db, vault: rotated });
    expect({ timeline: await timeline(after), contact: await contact(after) }).toEqual(mailed);
    expect(await findOrder(db, tokenOf(mailed.timeline), new Date())).toMatchObject({ id: sale.orderId });
    const credentials = createCredentials({ db, vault: after, publicUrl, now });
    expect(await credentials.resolve(tokenOf(mailed.contact.url))).toMatchObject({ state: 'live' });
  });

  it('seals everything anew, once, and counts it; what no secret opens is counted apart', async () => {
    await reseal({ db, vault: rotated });
    const deps = { db, vault: before, now };
    const draft = `draft-${sale.orderId}`;
    await saveDraft(deps, draft, { plan: 'starter' });
    const orderToken = await orderTokenOf(deps, draft);
    const request = { scope: 'checkout', key: `key-${sale.orderId}-0123456789`, requestHash: 'h' };
    await db.tx((tx) => claimKey(deps, tx, request, 'order token'));
    await keepAnswer(deps, request, { secret: 'order token', answer: { ok: true }, status: 201 });
    await seedStorageKey({ db, projectId: sale.projectId, vault: before, key: 'K005 secret' });
    await timeline(before);
    const link = await contact(before);
    const offered = {
      requestId: `request-${sale.orderId}`,
      leadId: 1,
      partnerId: null,
      planKey: 'starter',
      interval: 'month',
      amounts: null,
      currency: 'usd',
      prefill: {
        name: 'Harbour',
        country: 'BE',
        vat_id: '',
        contact_name: 'Ada',
        contact_email: 'a@b.example',
      },
      locale: 'en',
    } as const;
    const offer = await makeOffer(deps, offered);
    await db.query("insert into secrets (owner, name, sealed) values ($1, 'lost', $2)", [
      `project_${sale.projectId}`,
      createVault([secret()]).seal('x', `project_${sale.projectId}/lost`),
    ]);

    const first = await reseal({ db, vault: rotated });
    expect(first.resealed).toEqual({
      secrets: 1,
      drafts: 1,
      'draft orders': 1,
      'idempotent answers': 1,
      'credentials links': 1,
      'order links': 1,
      'offers (token)': 1,
      'offers (order)': 1,
      'offers (prefill)': 1,
    });
    expect(first.unreadable).toMatchObject({ secrets: 1, drafts: 0 });
    expect(new Set(Object.values((await reseal({ db, vault: rotated })).resealed))).toEqual(new Set([0]));
    await db.query("delete from secrets where name = 'lost'");

    const alone = { db, vault: after, now };
    expect(await loadDraft(alone, draft)).toEqual({ draft: { plan: 'starter' }, orderToken });
    expect(await recall(alone, request)).toEqual({ secret: 'order token', answer: { ok: true } });
    expect(await makeOffer(alone, offered)).toEqual(offer);
    const begun = await beginOffer(alone, (await findOffer(db, offer.token, now()))!);
    expect(begun.prefill).toEqual(offered.prefill);
    const resolved = await createCredentials({ db, vault: after, publicUrl, now }).resolve(tokenOf(link.url));
    if (resolved.state !== 'live') throw new Error(resolved.state);
    const shown = await revealStorageKey(alone, { link: resolved.link, browser: 'b' });
    expect(shown).toMatchObject({ outcome: 'shown', key: { applicationKey: 'K005 secret' } });
  });

  it('goes over more rows than one batch', async () => {
    await db.query('delete from drafts');
    for (let index = 0; index < 401; index += 1)
      await saveDraft({ db, vault: before, now }, `many-${index}`, { index });
    expect((await reseal({ db, vault: rotated })).resealed.drafts).toBe(401);
  });

  it('knows every sealed column of the database', async () => {
    const { rows } = await db.query<{ column: string }>(
      `select table_name || '.' || column_name as column from information_schema.columns
        where table_schema = current_schema() and column_name like '%sealed' order by 1`,
    );
    expect(rows.map((row) => row.column)).toEqual([
      'drafts.order_sealed',
      'drafts.sealed',
      'links.sealed',
      'offers.order_token_sealed',
      'offers.prefill_sealed',
      'offers.token_sealed',
      'orders.mail_token_sealed',
      'secrets.sealed',
    ]);
  });
});
