/** One record per Stripe subscription, kept by the database. */
import { integrityError } from '../errors.ts';
import { INDEXES } from '../orm/unique.ts';
import type { Handler } from './handler.ts';

const MODEL = 'x_stripe_subscription';
const FIELD = 'x_stripe_id';
const NAME = `${MODEL}_${FIELD}_unique`;

export const uniqueIndex: Handler = ({ env }) => {
  const { tables, registry } = env.erp;
  registry.get(MODEL);
  tables.index(MODEL, FIELD);
  if ([...tables.all(INDEXES)].some((index) => index.name === NAME)) return { done: true };
  const values = [...tables.all(MODEL)].map((row) => row[FIELD]).filter(Boolean);
  if (new Set(values).size < values.length)
    throw integrityError(`could not create unique index "${NAME}"\nDETAIL:  Key (${FIELD}) is duplicated.\n`);
  tables.put(INDEXES, { id: tables.newId(INDEXES), name: NAME, model: MODEL, field: FIELD });
  return { done: true };
};
