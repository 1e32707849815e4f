/** A whole connector against a sandbox world, in this process, on a given database. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AppDeps, createApp } from '../../connector/app.ts';
import { parseConfig } from '../../connector/config.ts';
import type { Database } from '../../connector/db/database.ts';
import { createLog } from '../../connector/log.ts';
import type { RunDetails } from '../../connector/provisioning/runs.ts';
import { type AdminClient, adminClient } from '../../scripts/commands/admin-client.ts';
import { freePort } from '../../scripts/demo/free-port.ts';
import { prepareInstallation } from '../../scripts/demo/prepare.ts';
import type { World } from '../../scripts/sandbox/world.ts';

export interface TestConnector {
  readonly publicUrl: string;
  readonly env: Readonly<Record<string, string>>;
  readonly admin: AdminClient;
  /** Everything it has logged so far. */
  log(): string;
  stop(): Promise<void>;
}

export interface ConnectorOptions {
  readonly world: World;
  readonly db: Database;
  /** Keys of an earlier start, to go on as the same installation. */
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The whole environment of an earlier start: nothing is set up again, the address stays the same. */
  readonly again?: Readonly<Record<string, string>>;
  readonly now?: () => Date;
  readonly timeouts?: AppDeps['timeouts'];
  readonly softWaitMs?: number;
}

export async function startConnector(options: ConnectorOptions): Promise<TestConnector> {
  const written: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      written.push(String(chunk));
      done();
    },
  });
  const log = createLog({ level: 'debug', destination });
  const prepared =
    options.again ??
    (await prepareInstallation({
      folder: options.folder ?? mkdtempSync(join(tmpdir(), 'connector-')),
      env: options.world.env,
      publicUrl: `http://127.0.0.1:${await freePort(0)}`,
      log,
      print: () => {},
    }));
  const env = { ...prepared, ...options.env };
  const publicUrl = env.PUBLIC_URL!;
  const app = await createApp({
    config: parseConfig(env, { embedded: true }),
    db: options.db,
    log,
    now: options.now ?? (() => new Date()),
    ...(options.timeouts !== undefined && { timeouts: options.timeouts }),
    ...(options.softWaitMs !== undefined && { softWaitMs: options.softWaitMs }),
  });
  await app.start();
  return {
    publicUrl,
    env,
    admin: adminClient({ ...env, CONNECTOR_URL: publicUrl }),
    log: () => written.join(''),
    stop: () => app.stop(),
  };
}

export interface Draft {
  plan?: string;
  interval?: 'month' | 'year';
  organisation?: Record<string, string>;
  project?: Record<string, string>;
  stakeholders?: readonly { name: string; email: string; role: string }[];
  locale?: string;
}

let drafts = 0;

/** A complete draft; each call is another company. */
export function draft(change: Draft = {}): Record<string, unknown> {
  drafts += 1;
  const domain = `works${process.pid}x${drafts}.example`;
  return {
    plan: change.plan ?? 'starter',
    interval: change.interval ?? 'month',
    locale: change.locale ?? 'en',
    organisation: {
      name: `Harbour Works ${process.pid}-${drafts}`,
      country: 'BE',
      contact_name: 'Ada Contact',
      contact_email: `ada@${domain}`,
      ...change.organisation,
    },
    project: {
      name: 'Harbour Tower',
      code: `HT-${drafts}`,
      description: 'A tower',
      client: 'Port',
      ...change.project,
    },
    stakeholders: change.stakeholders ?? [
      { name: 'Ines Manager', email: `ines@${domain}`, role: 'information_manager' },
      { name: 'Lars Lead', email: `lars@${domain}`, role: 'lead_appointed_party' },
    ],
  };
}

export interface CheckoutReply {
  readonly status: number;
  readonly body: Record<string, unknown> & { session_id: string; order: string; order_url: string };
}

export async function checkout(
  publicUrl: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<CheckoutReply> {
  const answer = await fetch(`${publicUrl}/api/v1/billing/checkout`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as CheckoutReply['body'] };
}

/** Waits until `find` gives something. @throws Error naming what did not happen in time */
export async function eventually<T>(
  what: string,
  find: () => Promise<T | undefined | null | false>,
  withinMs = 45_000,
): Promise<T> {
  const until = Date.now() + withinMs;
  for (;;) {
    const found = await find();
    if (found !== undefined && found !== null && found !== false) return found;
    if (Date.now() > until) throw new Error(`did not happen within ${withinMs} ms: ${what}`);
    await sleep(40);
  }
}

/** The run of one order's session, once it has one of these statuses. */
export async function runOf(
  connector: Pick<TestConnector, 'admin'>,
  db: Database,
  sessionId: string,
  statuses: readonly string[] = ['done'],
  withinMs?: number,
): Promise<RunDetails> {
  let last: RunDetails | undefined;
  try {
    return await eventually(
      `run of ${sessionId} is ${statuses.join(' or ')}`,
      async () => {
        const found = await db.query<{ id: string }>(
          `select r.id from runs r join subscriptions s on s.id = r.subscription_id
             join checkout_sessions c on c.order_id = s.order_id where c.provider_id = $1 and r.kind = 'provision'`,
          [sessionId],
        );
        const id = found.rows[0]?.id;
        if (id === undefined) return undefined;
        last = await connector.admin.request<RunDetails>('GET', `/runs/${id}`);
        return statuses.includes(last.status) ? last : undefined;
      },
      withinMs,
    );
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${JSON.stringify(last, null, 1)}`);
  }
}
