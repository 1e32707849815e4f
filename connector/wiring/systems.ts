/** The outside systems' adapters and what is built on them, from one configuration. */
import { join } from 'node:path';
import { createB2Storage } from '../b2/storage.ts';
import { createBepEngine } from '../bep/engine.ts';
import { loadBepMapping } from '../bep/mapping.ts';
import { loadDunningPolicy } from '../billing/dunning/policy.ts';
import { loadCatalogue } from '../billing/plans.ts';
import type { Config } from '../config-schema.ts';
import { createCredentials } from '../credentials/credentials.ts';
import { createCrm } from '../crm/crm.ts';
import { loadOdooMapping } from '../crm/mapping.ts';
import { requireFittingMapping } from '../crm/mapping-check.ts';
import { loadWorkspaceTree } from '../crm/workspace-tree.ts';
import type { Database } from '../db/database.ts';
import type { System } from '../errors.ts';
import type { Log } from '../log.ts';
import { createMailer } from '../mail/mailer.ts';
import { loadTemplates } from '../mail/templates.ts';
import { createOdoo } from '../odoo/odoo.ts';
import { loadLifecyclePolicy } from '../provisioning/lifecycle/policy.ts';
import { createVault } from '../secrets/vault.ts';
import { createStripe } from '../stripe/client.ts';

export type Systems = ReturnType<typeof openSystems>;

/** Milliseconds after which a system that does not answer is given up; what is left out keeps its adapter's own. */
export type Timeouts = { readonly [Name in Exclude<System, 'database'>]?: number };

const ROOT = new URL('../../', import.meta.url);

/** Reads every mapping and template; asks nothing of anybody yet. @throws ConnectorError permanent `mapping_invalid`, `mail_templates_invalid` */
export function openSystems({
  config,
  db,
  log,
  now,
  timeouts,
}: {
  config: Config;
  db: Database;
  log: Log;
  now: () => Date;
  timeouts: Timeouts;
}) {
  const { publicUrl } = config;
  const mappingFile = (name: string): string => join(config.mappingsDir, name);
  const catalogue = loadCatalogue(mappingFile('plans.json'));
  const dunningPolicy = loadDunningPolicy(mappingFile('dunning.json'));
  const lifecycle = loadLifecyclePolicy(mappingFile('lifecycle.json'));
  const templates = loadTemplates(new URL('templates', ROOT).pathname);
  const vault = createVault(config.connectorSecrets);
  const stripe = createStripe({ ...config.stripe, timeoutMs: timeouts.stripe });
  const storage = createB2Storage({ ...config.b2, log, timeoutMs: timeouts.b2 });
  const odoo = createOdoo({
    ...config.odoo,
    log,
    readTimeoutMs: timeouts.odoo,
    writeTimeoutMs: timeouts.odoo,
  });
  const mailer = createMailer({
    db,
    smtpUrl: config.mail.smtpUrl,
    from: config.mail.from,
    templates,
    log,
    now,
    timeoutMs: timeouts.smtp,
  });
  const engine = createBepEngine({
    ...config.bep,
    mapping: loadBepMapping(mappingFile('bep.json')),
    now,
    timeoutMs: timeouts.bep,
  });
  const odooMapping = loadOdooMapping(mappingFile('odoo.json'));
  const crm = createCrm({
    db,
    odoo,
    log,
    now,
    mapping: odooMapping,
    workspaceTree: loadWorkspaceTree(mappingFile('workspace.json')),
    publicUrl,
    erpUrl: config.odoo.url,
  });
  const credentials = createCredentials({ db, vault, publicUrl, now });
  const acceptances = createCredentials({ db, vault, publicUrl, now, kind: 'acceptance' });
  return {
    catalogue,
    dunningPolicy,
    lifecycle,
    vault,
    stripe,
    storage,
    odoo,
    odooMapping,
    mailer,
    engine,
    crm,
    credentials,
    acceptances,
    /** @throws ConnectorError permanent `mapping_wrong` when odoo.json does not fit the live ERP */
    requireFittingMapping: () =>
      requireFittingMapping({ odoo, mapping: odooMapping, file: mappingFile('odoo.json') }),
  };
}
