/** Whether somebody with an account already is let into a project is their own choice: asked by a link, given by a click. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCredentials, LINK_DAYS } from '../../connector/credentials/credentials.ts';
import { acceptanceRouter } from '../../connector/http/acceptance.ts';
import { createHttpServer, type RunningServer } from '../../connector/http/server.ts';
import { createLog } from '../../connector/log.ts';
import { recordAccess } from '../../connector/provisioning/access/rows.ts';
import { newToken } from '../../connector/secrets/token.ts';
import { createVault } from '../../connector/secrets/vault.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type SeededSale, seedSale } from '../support/seed.ts';
import { read } from './billing/shown.ts';

const vault = createVault([randomBytes(32).toString('base64')]);
const publicUrl = 'http://connect.example';
let db: TestDatabase;
let server: RunningServer;
let sale: SeededSale;
let time = new Date('2026-11-21T06:00:00Z');
let letIn = 0;
const now = () => time;
const links = (kind: 'acceptance' | 'credentials') => createCredentials({ db, vault, publicUrl, now, kind });

beforeAll(async () => {
  db = await openTestDatabase();
  const log = createLog({ level: 'silent' });
  const acceptances = links('acceptance');
  const onAccepted = () => {
    letIn += 1;
  };
  server = await createHttpServer({
    log,
    publicUrl,
    trustProxy: undefined,
    health: { checks: async () => ({}), metrics: async () => [] },
    routers: [
      acceptanceRouter({
        db,
        acceptances,
        onAccepted,
        publicUrl,
        portalUrl: 'https://erp.example/my',
        site: 'CDE',
        log,
        now,
      }),
    ],
  }).listen(0, '127.0.0.1');
});
afterAll(async () => {
  await server?.close(100);
  await db?.close();
});

const LARS = 1;
const settle = (outcome: 'needs_acceptance' | 'created') =>
  recordAccess(db, {
    subscriptionId: sale.subscriptionId,
    users: [{ stakeholderId: sale.stakeholderIds[LARS]!, userId: null, login: 'lars', outcome }],
    now: time,
  });

/** The path of a link for Lars. */
async function issue(
  kind: 'acceptance' | 'credentials' = 'acceptance',
  stakeholderId: number | null = sale.stakeholderIds[LARS]!,
) {
  const { url } = await links(kind).issue({
    fact: newToken(),
    subscriptionId: sale.subscriptionId,
    stakeholderId,
    partnerId: null,
  });
  return new URL(url).pathname;
}

async function visit(method: 'GET' | 'POST', path: string, headers: Record<string, string> = {}) {
  const answer = await fetch(`${server.url}${path}`, { method, headers });
  return { status: answer.status, text: read(await answer.text()) };
}

const acceptedAt = async (): Promise<Date | null> =>
  (
    await db.query<{ at: Date | null }>(
      'select accepted_at as at from portal_access where stakeholder_id = $1',
      [sale.stakeholderIds[LARS]],
    )
  ).rows[0]!.at;

beforeEach(async () => {
  time = new Date('2026-11-21T06:00:00Z');
  letIn = 0;
  sale = await seedSale(db, { organisation: 'Harbour <Works>' });
  await settle('needs_acceptance');
});

it('is asked in words that name who asks and for what, and agreeing twice is agreeing once', async () => {
  const path = await issue();
  const page = await visit('GET', path);
  expect(page.status).toBe(200);
  expect(page.text).toContain('Lars Lead, Harbour &lt;Works&gt; has named you for “Harbour Tower”.');
  expect(page.text).toContain('Your password, your name and your other projects stay as they are.');
  expect([await acceptedAt(), letIn]).toEqual([null, 0]);
  expect((await visit('POST', path)).text).toContain(
    'Your account is let into “Harbour Tower” within a few minutes.',
  );
  expect([await acceptedAt(), letIn]).toEqual([time, 1]);
  const first = time;
  time = new Date(time.getTime() + 60_000);
  expect((await visit('POST', path)).status).toBe(200);
  expect(await acceptedAt()).toEqual(first);
});

it('is asked in French of who prefers it', async () => {
  const french = { 'accept-language': 'fr-FR' };
  const path = await issue();
  expect((await visit('GET', path, french)).text).toContain('Rejoindre le projet');
  expect((await visit('POST', path, french)).text).toContain('Votre compte est admis dans « Harbour Tower »');
});

describe('nobody is let in', () => {
  it.each<[what: string, path: () => Promise<string>, status: number, text: string]>([
    ['by a link nobody made', async () => `/acceptance/${newToken()}`, 404, 'This link is not known'],
    ['by half a link', async () => '/acceptance/abc', 404, 'This link is not known'],
    [
      'by a link for something else',
      async () => (await issue('credentials')).replace('credentials', 'acceptance'),
      404,
      'This link is not known',
    ],
    [
      'by one that was replaced',
      async () => {
        const path = await issue();
        await links('acceptance').revoke({ subscriptionId: sale.subscriptionId });
        return path;
      },
      410,
      'This link is no longer valid',
    ],
    [
      'by one that is too old',
      async () => {
        const path = await issue();
        time = new Date(time.getTime() + LINK_DAYS * 86_400_000);
        return path;
      },
      410,
      'This link has expired',
    ],
  ])('%s', async (_what, pathOf, status, text) => {
    const path = await pathOf();
    for (const method of ['GET', 'POST'] as const) {
      const answer = await visit(method, path);
      expect(answer.status, method).toBe(status);
      expect(answer.text).toContain(text);
    }
    expect([await acceptedAt(), letIn]).toEqual([null, 0]);
  });

  it('from a page elsewhere', async () => {
    const answer = await visit('POST', await issue(), { 'sec-fetch-site': 'cross-site' });
    expect([answer.status, await acceptedAt()]).toEqual([403, null]);
    expect(answer.text).toContain('Open the link from the mail and press the button there.');
  });

  it('once the access has been settled another way, or the link is nobody’s', async () => {
    const path = await issue();
    await settle('created');
    const settled = await visit('POST', path);
    expect([settled.status, await acceptedAt()]).toEqual([409, null]);
    expect(settled.text).toContain('There is nothing to agree to any more');
    expect((await visit('POST', await issue('acceptance', null))).status).toBe(409);
    expect(letIn).toBe(0);
  });
});
