/** Methods every model has. */
import { checkAccess, mayAccess } from '../orm/access.ts';
import { create } from '../orm/create.ts';
import { defaultsOf } from '../orm/defaults.ts';
import { displayName } from '../orm/display-name.ts';
import { archiveFlag } from '../orm/domain.ts';
import { load } from '../orm/load.ts';
import { readRecords, readRows } from '../orm/read.ts';
import { countRows, searchRows } from '../orm/search.ts';
import type { Call, Method, Operation, Vals } from '../orm/types.ts';
import { unlink } from '../orm/unlink.ts';
import { write } from '../orm/write.ts';
import { describeFields } from './fields-get.ts';

const names = (value: unknown) => (Array.isArray(value) ? value.map(String) : undefined);

function setArchived({ env, model, ids }: Call, isActive: (current: boolean) => boolean): undefined {
  const flag = archiveFlag(model);
  if (flag === undefined) return;
  for (const id of ids)
    write(env, model, [id], { [flag]: isActive(env.erp.tables.get(model.name, id)?.[flag] === true) });
}

export const GENERIC: Readonly<Record<string, Method>> = {
  search: {
    onModel: true,
    params: ['domain', 'offset', 'limit', 'order'],
    required: 1,
    run: ({ env, model, args }) => searchRows(env, model, args).map((row) => row.id),
  },
  search_count: {
    onModel: true,
    params: ['domain', 'limit'],
    required: 1,
    run: ({ env, model, args }) => {
      const count = countRows(env, model, args.domain);
      const limit = Number(args.limit || 0);
      return limit > 0 ? Math.min(count, limit) : count;
    },
  },
  search_read: {
    onModel: true,
    params: ['domain', 'fields', 'offset', 'limit', 'order', 'load'],
    run: ({ env, model, args }) =>
      readRows(env, model, searchRows(env, model, args), names(args.fields), args.load),
  },
  read: {
    params: ['fields', 'load'],
    run: ({ env, model, ids, args }) =>
      readRecords(env, model, { ids, fields: names(args.fields), load: args.load }),
  },
  create: {
    onModel: true,
    params: ['vals_list'],
    required: 1,
    run({ env, model, args }) {
      checkAccess(env, model, 'create');
      const given = args.vals_list;
      return Array.isArray(given)
        ? given.map((vals) => create(env, model, vals as Vals).id)
        : create(env, model, given as Vals).id;
    },
  },
  write: {
    params: ['vals'],
    required: 1,
    run({ env, model, ids, args }) {
      write(env, model, ids, args.vals as Vals);
      return true;
    },
  },
  unlink: {
    params: [],
    run({ env, model, ids }) {
      unlink(env, model, ids);
      return true;
    },
  },
  load: {
    onModel: true,
    params: ['fields', 'data'],
    required: 2,
    run: ({ env, model, args }) => load(env, model, args.fields as string[], args.data as unknown[][]),
  },
  fields_get: {
    onModel: true,
    params: ['allfields', 'attributes'],
    run: ({ env, model, args }) => describeFields(env, model, names(args.allfields), names(args.attributes)),
  },
  default_get: {
    onModel: true,
    params: ['fields'],
    required: 1,
    run: ({ env, model, args }) => defaultsOf(env, model, {}, names(args.fields) ?? []),
  },
  name_search: {
    onModel: true,
    params: ['name', 'args', 'operator', 'limit'],
    run({ env, model, args }) {
      const extra = Array.isArray(args.args) ? args.args : [];
      const domain = args.name
        ? [...extra, ['display_name', String(args.operator ?? 'ilike'), args.name]]
        : extra;
      return searchRows(env, model, { domain, limit: args.limit ?? 100 }).map((row) => [
        row.id,
        displayName(env, model, row),
      ]);
    },
  },
  check_access_rights: {
    onModel: true,
    params: ['operation', 'raise_exception'],
    required: 1,
    run({ env, model, args }) {
      const operation = String(args.operation) as Operation;
      if (args.raise_exception !== false) checkAccess(env, model, operation);
      return mayAccess(env, model, operation);
    },
  },
  has_access: {
    params: ['operation'],
    required: 1,
    versions: [18, 19],
    run: ({ env, model, args }) => mayAccess(env, model, String(args.operation) as Operation),
  },
  exists: {
    params: [],
    versions: [17, 18],
    run: ({ env, model, ids }) => ids.filter((id) => env.erp.tables.get(model.name, id) !== undefined),
  },
  action_archive: { params: [], run: (call) => setArchived(call, () => false) },
  action_unarchive: { params: [], run: (call) => setArchived(call, () => true) },
  toggle_active: {
    params: [],
    versions: [17, 18],
    run: (call) => setArchived(call, (current) => !current),
  },
};
