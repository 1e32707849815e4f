/** `setup erp --remove`: takes away what set-up made, in an order Odoo allows; what customers brought stays. */
import { MODULE } from '../../../connector/crm/ids.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import type { Odoo } from '../../../connector/odoo/odoo.ts';
import type { Stripe } from '../../../connector/stripe/client.ts';
import { LOST_REASON, unlinkLostReason } from './lost-reason-step.ts';
import { MODELS } from './models.ts';
import { removePaymentProvider } from './payment-provider.ts';
import { removeUser } from './remove-user.ts';
import { unlinkWorkspaces, workspaceRecords } from './remove-workspaces.ts';
import { removeRoles } from './role-step.ts';
import { USER_NAME } from './user-step.ts';

export interface RemoveOptions {
  readonly odooAdmin: Odoo;
  readonly dryRun?: boolean;
  /** Also the subscription records and folders, with the files attached to them. */
  readonly purge?: boolean;
  /** To take Odoo's own webhook endpoint away too, where set-up made one. */
  readonly stripe?: Stripe;
  readonly print: (line: string) => void;
}

// Each before what it refers to: Odoo refuses a model that views show and a field that a view names.
const IN_ORDER = [
  'ir.ui.menu',
  'ir.ui.view',
  'ir.actions.act_window',
  'ir.actions.server',
  'ir.model.fields',
  'ir.model',
  'ir.model.access',
] as const;

/** Odoo names, in the name of other modules, what a model with chatter inherits, and forgets these names when it goes. */
const NAMED_BY_ODOO: readonly unknown[] = [
  '&',
  ['model', '=', 'ir.model.inherit'],
  ...MODELS.slice(1).map(() => '|'),
  ...MODELS.map(({ model }) => ['name', '=like', `model_inherit__${model}__%`]),
];

/**
 * @returns what was taken away, or with `dryRun` would be; empty: nothing of ours is there
 * @throws ConnectorError conflict `erp_records_present`, before anything is removed
 */
export async function removeErp(options: RemoveOptions): Promise<readonly string[]> {
  const { odooAdmin: odoo, dryRun = false, print } = options;
  const removed: string[] = [];
  const say = (line: string): void => {
    removed.push(line);
    print(`${dryRun ? 'would remove' : 'removed'}: ${line}`);
  };
  const workspaces = await workspaceRecords(odoo, 'customers');
  const records = await countRecords(odoo);
  const present = [...records, ...workspaces.map(({ model, ids }) => ({ model, count: ids.length }))];
  if (present.length > 0 && options.purge !== true) throw recordsPresent(present);
  for (const { model, count } of records) {
    if (!dryRun) await unlinkAll(odoo, model);
    say(`${count} records of ${model}`);
  }
  if (!dryRun) await unlinkWorkspaces(odoo, workspaces);
  for (const { model, ids } of workspaces) say(`${ids.length} records of ${model}`);
  const places = await workspaceRecords(odoo, 'setup');
  if (!dryRun) await unlinkWorkspaces(odoo, places);
  for (const { model, ids } of places) say(`${ids.length} × ${model}`);
  await removePaymentProvider(odoo, { stripe: options.stripe, dryRun, say });
  for (const model of IN_ORDER) {
    const ids = await oursOf(odoo, model);
    if (ids.length === 0) continue;
    if (!dryRun) await unlinkEach(odoo, model, ids);
    say(`${ids.length} × ${model}`);
  }
  const reason = await named(odoo, LOST_REASON, 'crm.lost.reason');
  if (reason !== undefined && (dryRun || (await unlinkLostReason(odoo, reason))))
    say('the lost reason "Checkout abandoned"');
  for (const line of await removeRoles(odoo, { dryRun })) say(line);
  const user = await named(odoo, USER_NAME, 'res.users');
  if (user !== undefined) {
    if (!dryRun) await removeUser(odoo, user);
    say('the service’s user and its keys');
  }
  const group = await named(odoo, 'group_connector', 'res.groups');
  if (group !== undefined) {
    if (!dryRun) await removeGroup(odoo, group);
    say('group "Stripe Connector"');
  }
  for (const [model, domain, title] of [
    ['ir.config_parameter', [['key', '=like', `${MODULE}.%`]], 'system parameters'],
    [
      'ir.model.data',
      ['|', ['module', '=', MODULE], ...NAMED_BY_ODOO],
      'external ids, of customers’ records too',
    ],
  ] as const) {
    const ids = await odoo.call<number[]>(model, 'search', { domain });
    if (ids.length === 0) continue;
    if (!dryRun) await odoo.call(model, 'unlink', { ids });
    say(`${ids.length} ${title}`);
  }
  if (removed.length === 0) print('nothing to do');
  return removed;
}

async function countRecords(odoo: Odoo): Promise<{ model: string; count: number }[]> {
  const counts: { model: string; count: number }[] = [];
  // The subscription refers to the folder, so it goes first.
  for (const { model } of [...MODELS].reverse()) {
    const [there] = await odoo.call<number[]>('ir.model', 'search', { domain: [['model', '=', model]] });
    const count = there === undefined ? 0 : await odoo.call<number>(model, 'search_count', { domain: [] });
    if (count > 0) counts.push({ model, count });
  }
  return counts;
}

/** Through the ORM, which takes messages, activities and attached files along; dropping the table would not. */
async function unlinkAll(odoo: Odoo, model: string): Promise<void> {
  for (;;) {
    const ids = await odoo.call<number[]>(model, 'search', { domain: [], limit: 500, order: 'id desc' });
    if (ids.length === 0) return;
    await odoo.call(model, 'unlink', { ids });
  }
}

/** Records of this model with an external id of ours, and every view of our models: staff may have made some. */
async function oursOf(odoo: Odoo, model: string): Promise<number[]> {
  const rows = await odoo.call<{ res_id: number }[]>('ir.model.data', 'search_read', {
    domain: [
      ['module', '=', MODULE],
      ['model', '=', model],
    ],
    fields: ['res_id'],
  });
  const context = { active_test: false, 'ir.ui.menu.full_list': true };
  const mine = ['id', 'in', rows.map((row) => row.res_id)];
  const ofOurModels = ['model', 'in', MODELS.map((plan) => plan.model)];
  const domain = model === 'ir.ui.view' ? ['|', mine, ofOurModels] : [mine];
  // Newest first: inheriting views before those they inherit from, the subscription before the folder.
  return odoo.call<number[]>(model, 'search', { domain, order: 'id desc', context });
}

/** One after the other where each rebuilds Odoo's registry, all at once else. */
async function unlinkEach(odoo: Odoo, model: string, ids: readonly number[]): Promise<void> {
  if (model !== 'ir.model') return void (await odoo.call(model, 'unlink', { ids }));
  for (const id of ids) await odoo.call(model, 'unlink', { ids: [id] });
}

/** Odoo keeps a group that rights name: one left by a set-up that was cut off has no external id yet. */
async function removeGroup(odoo: Odoo, id: number): Promise<void> {
  const rights = await odoo.call<number[]>('ir.model.access', 'search', { domain: [['group_id', '=', id]] });
  if (rights.length > 0) await odoo.call('ir.model.access', 'unlink', { ids: rights });
  await odoo.call('res.groups', 'unlink', { ids: [id] });
}

async function named(odoo: Odoo, name: string, model: string): Promise<number | undefined> {
  const found = await odoo.xmlidToRes(MODULE, name);
  return found?.model === model ? found.id : undefined;
}

function recordsPresent(records: readonly { model: string; count: number }[]): ConnectorError {
  const list = records.map(({ model, count }) => `${count} of ${model}`).join(', ');
  return new ConnectorError({
    kind: 'conflict',
    code: 'erp_records_present',
    system: 'odoo',
    message: `the ERP holds records of the connector’s models: ${list}`,
    advice:
      'Add --purge to delete them too, with their chatter and the files of the workspaces. Nothing was removed.',
  });
}
