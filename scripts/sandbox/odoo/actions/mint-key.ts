/** A key for the service's user; its earlier keys end. Run by an administrator. */
import { generateKey } from '../models/apikey.ts';
import { toDatetime } from '../orm/time.ts';
import { type Handler, pythonKeyError } from './handler.ts';

const DAY_MS = 24 * 3600 * 1000;

export const mintKey: Handler = ({ env, values }) => {
  if (typeof values.user_id !== 'number') throw pythonKeyError('user_id');
  const { erp } = env;
  const days = Number(values.days ?? 0);
  for (const id of [...(erp.tables.lookup('res.users.apikeys', 'user_id', values.user_id) ?? [])])
    erp.tables.remove('res.users.apikeys', id);
  const expires = erp.version === 17 ? false : toDatetime(new Date(erp.now().getTime() + days * DAY_MS));
  return { key: generateKey(erp, { uid: values.user_id, scope: 'rpc', name: 'stripe_connector', expires }) };
};
