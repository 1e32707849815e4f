/** Every secret of an installation, looked for in everything it writes: logs, errors, database, files. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sql } from '../../connector/db/database.ts';
import { createVault } from '../../connector/secrets/vault.ts';
import { ended, fromAnywhere, openStage, order, type Purchase, type Stage } from '../faults/stage.ts';
import { checkout, draft, eventually } from '../support/connector.ts';
import { startTestWorld } from '../support/sandbox.ts';

type Secrets = Map<string, string>;

/** A secret travels as it is, in a URL, or as base64 (Basic, SMTP's AUTH PLAIN). */
function leaks(secrets: Secrets, where: string): string[] {
  return [...secrets]
    .filter(([, value]) =>
      [value, encodeURIComponent(value), Buffer.from(value).toString('base64').replace(/=+$/, '')].some(
        (form) => where.includes(form),
      ),
    )
    .map(([name]) => name);
}

/** Every row of every table, the queue's too. */
async function dumpOf(db: Sql): Promise<string> {
  const { rows } = await db.query<{ table: string }>(
    `select format('%I.%I', table_schema, table_name) as table from information_schema.tables
      where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  expect(rows.length).toBeGreaterThan(20);
  const parts: string[] = [];
  for (const { table } of rows) {
    const found = await db.query<{ row: string }>(`select to_jsonb(t)::text as row from ${table} t`);
    parts.push(...found.rows.map((each) => each.row));
  }
  return parts.join('\n');
}

describe('secrets', () => {
  let stage: Stage;
  const secrets: Secrets = new Map();
  const answers: string[] = [];

  beforeAll(async () => {
    const world = await startTestWorld();
    const smtp = new URL(world.urls.smtp);
    smtp.username = 'mail-user';
    smtp.password = 'canary-smtp-password';
    stage = await openStage({
      world,
      env: {
        TRUST_PROXY: '1',
        SMTP_URL: smtp.href,
        CONNECTOR_API_KEYS: 'canary-operator-key-number-one,canary-operator-key-number-two',
      },
    });
    secrets.set('SMTP password', 'canary-smtp-password');
    const { env } = stage.connector;
    for (const name of [
      'STRIPE_SECRET_KEY',
      'STRIPE_WEBHOOK_SECRET',
      'ODOO_API_KEY',
      'B2_APPLICATION_KEY',
      'BEP_API_KEY',
      'CONNECTOR_SECRET',
    ])
      secrets.set(name, env[name]!);
    for (const key of env.CONNECTOR_API_KEYS!.split(',')) secrets.set(key, key);
  });
  afterAll(() => stage?.stop());

  const collect = async (what: string, init: RequestInit = {}): Promise<Response> => {
    const answer = await fetch(what, { redirect: 'manual', ...init });
    answers.push(await answer.clone().text());
    return answer;
  };

  async function stopAndRetry(purchase: Purchase, times: number): Promise<void> {
    for (let n = 0; n < times; n += 1) {
      const run = await ended(stage, purchase, ['needs_attention', 'done']);
      answers.push(JSON.stringify(run));
      if (run.status === 'done') return;
      await stage.connector.admin.request('POST', `/runs/${run.id}/retry`);
    }
  }

  it('are used: a purchase with every outside system refusing its key once, links opened, doors tried', async () => {
    const { world, connector } = stage;
    world.faults.add({ system: 'stripe', operation: 'POST /v1/customers', kind: 'expired_token', times: 1 });
    const key = `canary-idempotency-${randomUUID()}`;
    const body = draft();
    const headers = { 'idempotency-key': key, ...fromAnywhere() };
    answers.push(JSON.stringify((await checkout(connector.publicUrl, body, headers)).body));
    const purchase = await order(stage);
    const reply = purchase.reply.body;
    secrets.set('order token', reply.order);
    secrets.set('client secret of the session', String(reply.client_secret));
    expect(reply.order_url).toContain(reply.order);
    for (const [system, operation, kind] of [
      ['odoo', 'x_cde_folder.load', 'expired_token'],
      ['odoo', 'crm.lead.load', 'html'],
      ['b2', 'b2_create_key', 'permanent'],
      ['b2', 'b2_get_upload_url', 'expired_token'],
      ['bep', 'POST /v1/documents/bep', 'expired_token'],
      ['bep', 'POST /v1/documents/eir', 'timeout'],
      ['smtp', undefined, 'expired_token'],
      ['smtp', undefined, 'reset_before'],
      ['stripe', 'GET /v1/invoices', 'server_error'],
    ] as const)
      world.faults.add({ system, kind, times: 1, ...(operation !== undefined && { operation }) });
    world.systems.stripe.payCheckout(purchase.sessionId);
    await stopAndRetry(purchase, 8);
    const run = await ended(stage, purchase);

    const mails = await world.systems.mail.deliveries();
    const links = new Set(mails.flatMap((mail) => mail.text.match(/https?:\S+\/credentials\/[\w-]+/g) ?? []));
    const orderLinks = new Set(mails.flatMap((mail) => mail.text.match(/\/orders\/[\w-]+/g) ?? []));
    expect(links.size).toBe(3);
    for (const link of links) secrets.set(`link ${link.slice(-4)}`, link.split('/').at(-1)!);
    for (const link of orderLinks) secrets.set(`order link ${link.slice(-4)}`, link.split('/').at(-1)!);

    for (const link of links) {
      const page = await fetch(link);
      const cookie = page.headers.get('set-cookie')!.split(';')[0]!;
      secrets.set(`cookie of ${link.slice(-4)}`, cookie.split('=')[1]!);
      const post = (path: string, by: string) =>
        fetch(`${link}/${path}`, { method: 'POST', headers: { cookie: by }, redirect: 'manual' });
      const password = await post('password', cookie);
      const target = password.headers.get('location') ?? (await password.text());
      const token = /token=([\w%.-]+)/.exec(target)?.[1];
      if (token !== undefined)
        secrets.set(`set-password token of ${link.slice(-4)}`, decodeURIComponent(token));
      await post('storage-key', cookie);
      await post('storage-key', `credentials=${'x'.repeat(43)}`);
    }
    expect([...secrets.keys()].filter((name) => name.startsWith('set-password')).length).toBeGreaterThan(1);

    const { rows } = await stage.db.query<{ owner: string; sealed: string }>(
      'select owner, sealed from secrets where revoked_at is null',
    );
    const vault = createVault([connector.env.CONNECTOR_SECRET!]);
    for (const row of rows)
      secrets.set(`storage key of ${row.owner}`, vault.open(row.sealed, `${row.owner}/storage_key`));
    expect(rows).toHaveLength(1);

    const { rows: organisations } = await stage.db.query<{ id: number }>(
      'select id from organisations where contact_email = $1',
      [purchase.contact],
    );
    const { token } = await connector.admin.request<{ token: string }>(
      'POST',
      `/organisations/${organisations[0]!.id}/token`,
    );
    secrets.set('organisation token', token);

    // Doors tried with something secret in the hand.
    const url = connector.publicUrl;
    await collect(`${url}/orders/${reply.order}x`);
    await collect(`${url}/nowhere/${reply.order}?token=${reply.order}`);
    await collect(`${url}/api/v1/admin/runs`, { headers: { authorization: 'Bearer wrong' } });
    await collect(`${url}/api/v1/admin/runs/${run.id}`, {
      headers: { authorization: `Bearer ${connector.env.CONNECTOR_API_KEYS!.split(',')[1]}` },
    });
    await collect(`${url}/api/v1/billing/checkout`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${reply.order}`,
        'content-type': 'application/json',
        ...fromAnywhere(),
      },
      body: '{"organisation": 7}',
    });
    const next = draft();
    await collect(`${url}/api/v1/billing/checkout`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...fromAnywhere() },
      body: JSON.stringify({ ...next, organisation: undefined, plan: 'none' }),
    });
    await collect(`${url}/webhooks/stripe`, {
      method: 'POST',
      body: '{}',
      headers: { 'stripe-signature': 't=1,v1=0' },
    });
    for (const path of ['/healthz', '/readyz', '/metrics']) await collect(`${url}${path}`);
    await connector.admin.request('POST', `/subscriptions/${run.subscriptionId}/credentials/reissue`);
    await eventually(
      'reissued mails',
      async () => (await world.systems.mail.deliveries()).length > mails.length,
    );
  }, 90_000);

  it('stand in no log line', () => {
    const log = stage.connector.log();
    expect(log).toContain('needs attention');
    expect(log).toContain('odoo_authentication');
    expect(leaks(secrets, log)).toEqual([]);
  });

  it('stand in no answer', () => {
    expect(answers.length).toBeGreaterThan(10);
    expect(leaks(secrets, answers.join('\n'))).toEqual([]);
  });

  it('stand in no table, only sealed or hashed', async () => {
    const dump = await dumpOf(stage.db);
    expect(dump).toContain('Harbour Works');
    expect(leaks(secrets, dump)).toEqual([]);
  });

  it('can be found by this search at all', async () => {
    await stage.db.query("insert into cursors (name, value) values ('canary', $1)", [
      secrets.get('BEP_API_KEY'),
    ]);
    expect(leaks(secrets, await dumpOf(stage.db))).toEqual(['BEP_API_KEY']);
  });
});

describe('credentials mailed inline', () => {
  it('stand in that mail alone', async () => {
    const stage = await openStage({ env: { CREDENTIALS_DELIVERY: 'inline' } });
    try {
      const purchase = await order(stage);
      stage.world.systems.stripe.payCheckout(purchase.sessionId);
      await ended(stage, purchase);
      const { rows } = await stage.db.query<{ owner: string; sealed: string }>(
        'select owner, sealed from secrets',
      );
      const vault = createVault([stage.connector.env.CONNECTOR_SECRET!]);
      const key = vault.open(rows[0]!.sealed, `${rows[0]!.owner}/storage_key`);
      const toContact = await stage.world.systems.mail.to(purchase.contact);
      expect(toContact.filter((mail) => mail.text.includes(key))).toHaveLength(1);
      const invitation = (await stage.world.systems.mail.to(purchase.people[0]!))[0]!;
      const token = /token=([\w%.-]+)/.exec(invitation.text)?.[1];
      expect(token).toBeTruthy();
      const secrets: Secrets = new Map([
        ['storage key', key],
        ['set-password token', decodeURIComponent(token!)],
      ]);
      expect(leaks(secrets, stage.connector.log())).toEqual([]);
      expect(leaks(secrets, await dumpOf(stage.db))).toEqual([]);
    } finally {
      await stage.stop();
    }
  });
});

describe('a demo', () => {
  it('writes its secrets to the files made for them, readable by the owner alone, and nowhere else', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'demo-'));
    const script = new URL('../../scripts/demo.ts', import.meta.url).pathname;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, '--exit', '--json'], {
      cwd,
      timeout: 80_000,
    });
    const folder = join(cwd, '.data/demo', readdirSync(join(cwd, '.data/demo'))[0]!);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      // The outside world's own memory: Stripe, the ERP and Backblaze know their keys.
      .filter((file) => !file.startsWith(join(folder, 'sandbox')));
    const secrets: Secrets = new Map();
    for (const name of ['odoo.key', 'stripe-webhook.secret', 'connector.secret', 'operator.key'])
      secrets.set(name, readFileSync(join(folder, name), 'utf8').trim());
    const state = JSON.parse(readFileSync(join(folder, 'demo.json'), 'utf8')) as { orderUrl: string };
    secrets.set('order token', state.orderUrl.split('/').at(-1)!);
    secrets.set('B2 key', 'K005sandboxMasterKey0000000000');
    secrets.set('BEP key', 'sandbox-bep-key');
    const holders = files.filter((file) => leaks(secrets, readFileSync(file, 'latin1')).length > 0);
    expect(holders.map((file) => file.slice(folder.length + 1)).sort()).toEqual([
      'connector.secret',
      'demo.json',
      'odoo.key',
      'operator.key',
      'stripe-webhook.secret',
    ]);
    for (const file of holders) expect((statSync(file).mode & 0o077).toString(8), file).toBe('0');
    expect(files.some((file) => file.endsWith('connector.log'))).toBe(true);
    secrets.delete('order token');
    expect(leaks(secrets, stdout + stderr)).toEqual([]);
    expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject({ ok: true });
  }, 90_000);
});
