/** One record per Stripe subscription and per request, kept by the database. */
import { integrityError } from '../errors.ts';
import type { Env } from '../orm/types.ts';
import { INDEXES } from '../orm/unique.ts';
import type { Handler } from './handler.ts';

const INDEXED = [
  { model: 'x_stripe_subscription', field: 'x_stripe_id' },
  { model: 'x_stripe_request', field: 'x_request' },
];

export const uniqueIndex: Handler = ({ env }) => {
  for (const index of INDEXED) makeIndex(env, index);
  return { done: true };
};

function makeIndex({ erp }: Env, { model, field }: (typeof INDEXED)[number]): void {
  const { tables, registry } = erp;
  const name = `${model}_${field}_unique`;
  registry.get(model);
  tables.index(model, field);
  if ([...tables.all(INDEXES)].some((index) => index.name === name)) return;
  const values = [...tables.all(model)].map((row) => row[field]).filter(Boolean);
  if (new Set(values).size < values.length)
    throw integrityError(`could not create unique index "${name}"\nDETAIL:  Key (${field}) is duplicated.\n`);
  tables.put(INDEXES, { id: tables.newId(INDEXES), name, model, field });
}
