/** A sandbox ERP that is set up, the service's port to it, and a database: what tests of connector/crm begin with. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { type Crm, type CrmDeps, createCrm } from '../../connector/crm/crm.ts';
import { loadOdooMapping } from '../../connector/crm/mapping.ts';
import { loadWorkspaceTree } from '../../connector/crm/workspace-tree.ts';
import { createLog } from '../../connector/log.ts';
import { createOdoo, type Odoo } from '../../connector/odoo/odoo.ts';
import { setupErp } from '../../scripts/commands/setup-erp.ts';
import type { World, WorldOptions } from '../../scripts/sandbox/world.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { startTestWorld } from '../support/sandbox.ts';

export interface ErpStage {
  readonly world: World;
  readonly db: TestDatabase;
  /** The port of the service's own user. */
  readonly odoo: Odoo;
  /** The administrator's. */
  readonly admin: Odoo;
  readonly deps: CrmDeps;
  readonly crm: Crm;
  /** The same ERP and database, one thing else. */
  crmWith(change: Partial<CrmDeps>): Crm;
}

const closings: (() => Promise<void>)[] = [];
// Registered when the file imports this module: from within `beforeAll` it would never run.
afterAll(async () => {
  for (const close of closings.splice(0)) await close();
});

/** For `beforeAll`; closed with the test file. */
export async function openErpStage(options: WorldOptions = {}): Promise<ErpStage> {
  const log = createLog({ level: 'silent' });
  const folder = mkdtempSync(join(tmpdir(), 'erp-stage-'));
  const world = await startTestWorld(options);
  const { ODOO_URL: url, ODOO_DB: name, ODOO_USERNAME: login, ODOO_API_KEY: key } = world.env;
  const odooAs = (username: string, apiKey: string) =>
    createOdoo({ url: url!, db: name!, username, apiKey, transport: 'auto', log });
  const admin = odooAs(login!, key!);
  const keyFile = join(folder, 'key');
  await setupErp({ odooAdmin: admin, odooAs, keyFile, print: () => {} });
  const odoo = odooAs('stripe-connector', readFileSync(keyFile, 'utf8').trim());
  const db = await openTestDatabase();
  closings.push(async () => {
    await db.close();
    rmSync(folder, { recursive: true });
  });
  const deps: CrmDeps = {
    db,
    odoo,
    log,
    // Ahead of the database's own clock, by which a new row is due at once.
    now: () => new Date(Date.now() + 60_000),
    mapping: loadOdooMapping(),
    workspaceTree: loadWorkspaceTree(),
    publicUrl: 'https://connect.example.com',
    erpUrl: 'https://erp.example.com',
  };
  const crmWith = (change: Partial<CrmDeps>) => createCrm({ ...deps, ...change });
  return { world, db, odoo, admin, deps, crm: crmWith({}), crmWith };
}
