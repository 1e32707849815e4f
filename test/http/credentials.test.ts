import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createCredentials } from '../../connector/credentials/credentials.ts';
import { SHOWN_FOR_MS } from '../../connector/credentials/storage-key.ts';
import { ConnectorError, type ErrorKind } from '../../connector/errors.ts';
import { credentialsRouter } from '../../connector/http/credentials.ts';
import { createHttpServer, type RunningServer } from '../../connector/http/server.ts';
import { createLog } from '../../connector/log.ts';
import { newToken } from '../../connector/secrets/token.ts';
import { createVault } from '../../connector/secrets/vault.ts';
import { seedStorageKey } from '../credentials/seed-storage.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type SeededSale, seedSale } from '../support/seed.ts';

const vault = createVault([randomBytes(32).toString('base64')]);
const lines: string[] = [];
let db: TestDatabase;
let server: RunningServer;
let sale: SeededSale;
let time: Date;
let minted: { partnerId: number }[];
let mint: () => Promise<string>;
const now = () => time;

const credentials = () => createCredentials({ db, vault, publicUrl: 'http://connect.example', now });

beforeAll(async () => {
  db = await openTestDatabase();
  const log = createLog({ level: 'info', destination: { write: (line: string) => void lines.push(line) } });
  const http = createHttpServer({
    log,
    publicUrl: 'http://connect.example',
    trustProxy: '1',
    health: { ready: async () => ({ ok: true }) } as never,
    routers: [
      credentialsRouter({
        db,
        vault,
        credentials: credentials(),
        setPasswordUrl: (input) => {
          minted.push(input);
          return mint();
        },
        publicUrl: 'http://connect.example',
        portalUrl: 'https://erp.example/my',
        site: 'CDE',
        log,
        now,
      }),
    ],
  });
  server = await http.listen(0, '127.0.0.1');
});
afterAll(async () => {
  await server.close(100);
  await db.close();
});

let visitors = 0;
/** One browser: keeps its cookie, has an address of its own, does not follow redirects. */
function browser() {
  visitors += 1;
  const address = `203.0.113.${visitors}`;
  let cookie: string | undefined;
  return async (method: 'GET' | 'POST' | 'HEAD', path: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${server.url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        'x-forwarded-for': address,
        ...(method === 'POST' && { origin: 'null', 'sec-fetch-site': 'same-origin' }),
        ...(cookie !== undefined && { cookie }),
        ...headers,
      },
    });
    const set = answer.headers.get('set-cookie');
    if (set !== null) cookie = set.split(';')[0];
    return { status: answer.status, headers: answer.headers, text: await answer.text(), setCookie: set };
  };
}

const issue = async (change: { stakeholderId?: number | null; partnerId?: number | null } = {}) => {
  const { url } = await credentials().issue({
    fact: newToken(),
    subscriptionId: sale.subscriptionId,
    stakeholderId: null,
    partnerId: 77,
    ...change,
  });
  return new URL(url).pathname;
};

beforeEach(async () => {
  time = new Date('2026-11-21T06:00:00Z');
  minted = [];
  mint = async () => 'https://erp.example/web/reset_password?token=fresh';
  sale = await seedSale(db);
  await seedStorageKey({ db, vault, projectId: sale.projectId, key: 'K005-secret<&>' });
});

it('explains itself, escapes names, sends no referrer, is stored nowhere', async () => {
  await db.query(`update organisations set contact_name = '<img src=x onerror=alert(1)>' where id = $1`, [
    sale.organisationId,
  ]);
  const path = await issue();
  const page = await browser()('GET', path);
  expect(page.status).toBe(200);
  expect(page.text).toContain('Set your password');
  expect(page.text).toContain('Show the storage key');
  expect(page.text).toContain('&lt;img src=x');
  expect(page.text).not.toContain('<img');
  expect(page.headers.get('referrer-policy')).toBe('no-referrer');
  expect(page.headers.get('cache-control')).toBe('no-store');
  expect(page.headers.get('content-security-policy')).toContain("form-action 'self' https://erp.example;");
  expect(page.setCookie).toMatch(/HttpOnly/i);
  expect(page.setCookie).toMatch(/SameSite=Strict/i);
  expect(page.setCookie).toContain(`Path=${path}`);
});

it('speaks French to who prefers it', async () => {
  const page = await browser()('GET', await issue(), { 'accept-language': 'fr-BE, fr;q=0.9' });
  expect(page.text).toContain('Choisir votre mot de passe');
});

it('burns nothing when the page is only fetched', async () => {
  const path = await issue();
  const scanner = browser();
  for (const method of ['GET', 'HEAD', 'GET'] as const)
    expect((await scanner(method, path)).status).toBe(200);
  for (const action of ['password', 'storage-key'])
    expect((await scanner('GET', `${path}/${action}`)).status).toBe(404);
  expect(minted).toEqual([]);
  const { rows } = await db.query('select opened_at, secret_shown_at from links where subscription_id = $1', [
    sale.subscriptionId,
  ]);
  expect(rows).toEqual([{ opened_at: null, secret_shown_at: null }]);
});

it('sends to a set-password address minted anew at each click', async () => {
  const path = await issue();
  const visit = browser();
  await visit('GET', path);
  for (const _ of [1, 2]) {
    const answer = await visit('POST', `${path}/password`);
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe('https://erp.example/web/reset_password?token=fresh');
  }
  expect(minted).toEqual([{ partnerId: 77 }, { partnerId: 77 }]);
  const { rows } = await db.query<{ opened_at: Date }>(
    'select opened_at from links where subscription_id = $1',
    [sale.subscriptionId],
  );
  expect(rows[0]!.opened_at).toEqual(time);
});

it('offers a link where the portal is on an address the policy did not name', async () => {
  mint = async () => 'https://other.example/web/reset_password?token=a&b="c"';
  const answer = await browser()('POST', `${await issue()}/password`);
  expect(answer.status).toBe(200);
  expect(answer.text).toContain(
    'href="https://other.example/web/reset_password?token=a&amp;b=&quot;c&quot;"',
  );
});

it.each<[ErrorKind, string, number, RegExp]>([
  ['retryable', 'odoo_unreachable', 503, /try again in a moment/],
  ['bug', 'odoo_unexpected', 503, /try again in a moment/],
  ['conflict', 'erp_user_already_logged_in', 409, /has a password already/],
  ['conflict', 'erp_user_inactive', 404, /no account for this link/],
  ['absent', 'odoo_missing', 404, /no account for this link/],
])('says what it means when the ERP answers with a %s error (%s)', async (kind, code, status, text) => {
  mint = async () => {
    throw new ConnectorError({ kind, code, message: 'internal words', system: 'odoo' });
  };
  const answer = await browser()('POST', `${await issue()}/password`);
  expect(answer.status).toBe(status);
  expect(answer.text).toMatch(text);
  expect(answer.text).not.toContain('internal words');
  expect(answer.headers.get('retry-after')).toBe(status === 503 ? '30' : null);
});

it('offers no password to who has no account', async () => {
  const path = await issue({ partnerId: null });
  const visit = browser();
  expect((await visit('GET', path)).text).not.toContain('Set your password');
  expect((await visit('POST', `${path}/password`)).status).toBe(404);
  expect(minted).toEqual([]);
});

it('shows the storage key in the first browser that clicks, and says so to the second', async () => {
  const path = await issue();
  const [first, second] = [browser(), browser()];
  await first('GET', path);
  await second('GET', path);
  const shown = await first('POST', `${path}/storage-key`);
  expect(shown.status).toBe(200);
  expect(shown.text).toContain('K005-secret&lt;&amp;&gt;');
  expect(shown.text).toContain('project-1/');
  expect(shown.headers.get('cache-control')).toBe('no-store');
  const refused = await second('POST', `${path}/storage-key`);
  expect(refused.status).toBe(410);
  expect(refused.text).toContain('shown already');
  expect(refused.text).not.toContain('K005');
  expect((await first('POST', `${path}/storage-key`)).text).toContain('K005-secret');
  time = new Date(time.getTime() + SHOWN_FOR_MS);
  expect((await first('POST', `${path}/storage-key`)).status).toBe(410);
  expect((await first('GET', path)).status).toBe(200);
});

it('asks for cookies when there is none, burning nothing', async () => {
  const path = await issue();
  const visit = browser();
  const without = await visit('POST', `${path}/storage-key`);
  expect(without.status).toBe(400);
  expect(without.text).not.toContain('K005');
  expect((await visit('POST', `${path}/storage-key`)).text).toContain('K005-secret');
  expect((await browser()('POST', `${path}/storage-key`, { cookie: 'credentials=short' })).status).toBe(400);
});

it('shows the key only to the organisation’s contact', async () => {
  const path = await issue({ stakeholderId: sale.stakeholderIds[0]! });
  const visit = browser();
  const page = await visit('GET', path);
  expect(page.text).toContain('Ines Manager');
  expect(page.text).not.toContain('Show the storage key');
  const refused = await visit('POST', `${path}/storage-key`);
  expect(refused.status).toBe(403);
  expect(refused.text).not.toContain('K005');
});

it('says when the storage is not ready', async () => {
  await db.query('update secrets set revoked_at = now() where owner = $1', [`project_${sale.projectId}`]);
  const path = await issue();
  const visit = browser();
  await visit('GET', path);
  expect((await visit('POST', `${path}/storage-key`)).status).toBe(404);
});

it.each<[string, Record<string, string>]>([
  ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
  ['another site of the same domain', { 'sec-fetch-site': 'same-site' }],
])('does nothing for a form on %s', async (_what, headers) => {
  const path = await issue();
  expect((await browser()('POST', `${path}/password`, headers)).status).toBe(403);
  expect((await browser()('POST', `${path}/storage-key`, headers)).status).toBe(403);
  expect(minted).toEqual([]);
});

it('judges an old browser by its origin', async () => {
  const path = await issue();
  const post = (origin?: string) =>
    fetch(`${server.url}${path}/password`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'x-forwarded-for': '198.51.100.7', ...(origin !== undefined && { origin }) },
    }).then(({ status }) => status);
  expect(await post('https://evil.example')).toBe(403);
  expect(await post('http://connect.example')).toBe(303);
  expect(await post('null')).toBe(303);
  expect(await post()).toBe(303);
});

it.each(['GET', 'POST'] as const)(
  'tells %s of a link that ended, was withdrawn or never was',
  async (method) => {
    const suffix = method === 'POST' ? '/password' : '';
    const path = await issue();
    expect((await browser()(method, `/credentials/${newToken()}${suffix}`)).status).toBe(404);
    expect((await browser()(method, `/credentials/%00${suffix}`)).status).toBe(404);
    await credentials().revoke({ subscriptionId: sale.subscriptionId });
    const revoked = await browser()(method, `${path}${suffix}`);
    expect([revoked.status, revoked.text.includes('withdrawn')]).toEqual([410, true]);
    const other = await issue();
    time = new Date(time.getTime() + 15 * 86_400_000);
    const expired = await browser()(method, `${other}${suffix}`);
    expect([expired.status, expired.text.includes('expired')]).toEqual([410, true]);
    expect(minted).toEqual([]);
  },
);

it('slows down who asks too often', async () => {
  const path = await issue();
  const visit = browser();
  const statuses: number[] = [];
  for (let i = 0; i < 62; i += 1) statuses.push((await visit('GET', path)).status);
  expect(statuses.slice(0, 60).every((status) => status === 200)).toBe(true);
  expect(statuses.at(-1)).toBe(429);
});

it('logs neither token, cookie nor key', async () => {
  const path = await issue();
  const visit = browser();
  const { setCookie } = await visit('GET', path);
  await visit('POST', `${path}/storage-key`);
  await visit('POST', `${path}/password`);
  const log = lines.join('');
  expect(log).toContain('storage key asked for');
  for (const secret of [
    path.split('/')[2]!,
    /credentials=([\w-]+)/.exec(setCookie!)![1]!,
    'K005-secret',
    'token=fresh',
  ])
    expect(log).not.toContain(secret);
});
