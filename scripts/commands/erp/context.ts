/** What set-up's steps share: the ERP, its version's facts, and which records are ours already. */
import { MODULE } from '../../../connector/crm/ids.ts';
import type { Odoo } from '../../../connector/odoo/odoo.ts';
import type { VersionFacts } from '../../../connector/odoo/versions/facts.ts';

/** One thing set-up sees to: looks whether it is as it should be, and makes it so. */
export interface Step {
  readonly title: string;
  /** A text says which part of it. */
  needed(): Promise<boolean | string>;
  apply(): Promise<void>;
}

export interface SetupContext {
  readonly odoo: Odoo;
  readonly facts: VersionFacts;
  /** Our external ids → ERP ids; grows while set-up works. */
  readonly ids: Map<string, number>;
}

/** Reads the external ids set-up has made before: `names` alone, not those of customers' records. */
export async function readIds(odoo: Odoo, names: readonly string[]): Promise<Map<string, number>> {
  const rows = await odoo.call<{ name: string; res_id: number }[]>('ir.model.data', 'search_read', {
    domain: [
      ['module', '=', MODULE],
      ['name', 'in', names],
    ],
    fields: ['name', 'res_id'],
  });
  return new Map(rows.map((row) => [row.name, row.res_id]));
}

export async function giveName(
  context: SetupContext,
  names: readonly { name: string; model: string; id: number }[],
): Promise<void> {
  const wanted = names.filter(({ name, id }) => context.ids.get(name) !== id);
  for (const { name } of wanted.filter(({ name }) => context.ids.has(name))) await dropName(context, name);
  if (wanted.length === 0) return;
  await context.odoo.call('ir.model.data', 'create', {
    vals_list: wanted.map(({ name, model, id }) => ({
      module: MODULE,
      name,
      model,
      res_id: id,
      noupdate: true,
    })),
  });
  for (const { name, id } of wanted) context.ids.set(name, id);
}

/** An external id whose record an administrator deleted by hand may be left behind. */
async function dropName(context: SetupContext, name: string): Promise<void> {
  const ids = await context.odoo.call<number[]>('ir.model.data', 'search', {
    domain: [
      ['module', '=', MODULE],
      ['name', '=', name],
    ],
  });
  await context.odoo.call('ir.model.data', 'unlink', { ids });
  context.ids.delete(name);
}

/** ERP id of an external id, ours or another module's. */
export async function resolve(context: SetupContext, xmlId: string): Promise<number> {
  const [module = '', name = ''] = xmlId.split('.');
  const id = module === MODULE ? context.ids.get(name) : (await context.odoo.xmlidToRes(module, name))?.id;
  if (id === undefined) throw new Error(`${xmlId} is not in this Odoo: is its module installed?`);
  return id;
}

/** All records a domain finds, archived ones included. */
export function findAll(
  odoo: Odoo,
  model: string,
  domain: readonly unknown[],
  fields: readonly string[],
): Promise<readonly (Record<string, unknown> & { id: number })[]> {
  return odoo.call(model, 'search_read', { domain, fields, context: { active_test: false } });
}

/** The first record a domain finds, archived ones included. */
export async function findOne<T>(
  odoo: Odoo,
  model: string,
  domain: readonly unknown[],
  fields: readonly string[],
): Promise<T | undefined> {
  const [row] = await odoo.call<T[]>(model, 'search_read', {
    domain,
    fields,
    limit: 1,
    context: { active_test: false },
  });
  return row;
}
