/** The ERP under test: a real Odoo when ODOO_URL, ODOO_DB, ODOO_USERNAME and ODOO_API_KEY (an administrator's) are set, else the sandbox's. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { createLog } from '../../../connector/log.ts';
import { createOdoo, type Odoo, type OdooTransport } from '../../../connector/odoo/odoo.ts';
import type { VersionFacts } from '../../../connector/odoo/versions/facts.ts';
import { versionFacts } from '../../../connector/odoo/versions/index.ts';
import { setupErp } from '../../../scripts/commands/setup-erp.ts';
import type { WorldOptions } from '../../../scripts/sandbox/world.ts';
import { startTestWorld } from '../../support/sandbox.ts';

export interface Erp {
  readonly url: string;
  readonly db: string;
  readonly facts: VersionFacts;
  readonly adminLogin: string;
  readonly adminKey: string;
  /** The administrator's port. */
  readonly admin: Odoo;
  /** A port for any login and key, over any transport this version has. */
  as(login: string, key: string, transport?: OdooTransport, maxConnections?: number): Odoo;
  /** The transports this version speaks. */
  readonly transports: readonly ('json2' | 'jsonrpc' | 'xmlrpc')[];
  /** Deletes these records when the file is done, newest first; what cannot be deleted is archived or left. */
  tidy(model: string, ids: readonly number[]): void;
}

export const SERVICE = 'connector-contract';

const made: { readonly admin: Odoo; readonly model: string; readonly ids: readonly number[] }[] = [];
// Registered when the file imports this module: from within `beforeAll` it would never run.
afterAll(async () => {
  for (const { admin, model, ids } of made.reverse())
    await admin.call(model, 'unlink', { ids }).catch(() => archive(admin, model, ids));
});

export interface PreparedErp extends Erp {
  /** Where the service's key lies. */
  readonly keyFile: string;
  readonly service: Odoo;
}

/** @param sandbox which Odoo the sandbox is to be; a real one is what it is */
export async function openErp(sandbox: WorldOptions = {}): Promise<Erp> {
  const env = process.env.ODOO_URL ? process.env : (await startTestWorld(sandbox)).env;
  const [url, db, adminLogin, adminKey] = [
    env.ODOO_URL!,
    env.ODOO_DB!,
    env.ODOO_USERNAME!,
    env.ODOO_API_KEY!,
  ];
  const usual = (env.ODOO_TRANSPORT ?? 'auto') as OdooTransport;
  const as: Erp['as'] = (username, apiKey, transport = usual, maxConnections = 8) =>
    createOdoo({ url, db, username, apiKey, transport, maxConnections, log: createLog({ level: 'silent' }) });
  const admin = as(adminLogin, adminKey);
  const { major } = await admin.version();
  return {
    url,
    db,
    facts: versionFacts(major),
    adminLogin,
    adminKey,
    admin,
    as,
    transports: [...(major >= 19 ? (['json2'] as const) : []), 'jsonrpc', 'xmlrpc'],
    tidy: (model, ids) => void made.push({ admin, model, ids }),
  };
}

/** With `setup erp` done; its key is kept between the files of one server, since minting another ends it. */
export async function openPreparedErp(sandbox: WorldOptions = {}): Promise<PreparedErp> {
  const erp = await openErp(sandbox);
  const folder = join(
    tmpdir(),
    'connector-contract',
    createHash('sha256').update(`${erp.url}|${erp.db}`).digest('hex').slice(0, 16),
  );
  mkdirSync(folder, { recursive: true });
  const keyFile = join(folder, 'key');
  await setupErp({ odooAdmin: erp.admin, odooAs: erp.as, keyFile, serviceLogin: SERVICE, print: () => {} });
  return { ...erp, keyFile, service: erp.as(SERVICE, readFileSync(keyFile, 'utf8').trim()) };
}

/** A text nobody else uses: real servers keep what earlier runs left. */
export const unique = (what: string): string =>
  `${what}-${Date.now().toString(36)}${randomBytes(3).toString('hex')}`;

async function archive(admin: Odoo, model: string, ids: readonly number[]): Promise<void> {
  await admin.call(model, 'write', { ids, vals: { active: false } }).catch(() => {});
}
