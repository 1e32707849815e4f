/** One Odoo database: tables, models, seed, what the store remembers. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Store } from '../store.ts';
import { THREAD_METHODS } from './methods/thread.ts';
import { MODULES, type OdooModule } from './models/documents/modules.ts';
import { modelSources } from './models/index.ts';
import { createRegistry } from './orm/registry.ts';
import { createTables } from './orm/tables.ts';
import type { Erp, Version } from './orm/types.ts';
import { INDEXES } from './orm/unique.ts';
import { seed } from './seed/seed.ts';

export const DB = 'sandbox';

/** Looked up at each call, beyond relations and the models' own. */
const LOOKED_UP: readonly (readonly [model: string, field: string])[] = [
  ['res.users', '_login_lower'],
  ['res.users.apikeys', '_key'],
  ['res.partner', '_email'],
];

export function createErp(deps: {
  store: Store;
  version: Version;
  modules: readonly OdooModule[];
  now: () => Date;
  url: () => string;
}): Erp {
  const tables = createTables(deps.store);
  const registry = createRegistry({
    tables,
    version: deps.version,
    sources: [
      ...modelSources(deps.version),
      ...deps.modules.flatMap((name) => MODULES[name].sources(deps.version)),
    ],
    thread: THREAD_METHODS,
  });
  for (const [model, field] of LOOKED_UP) tables.index(model, field);
  const erp: Erp = {
    version: deps.version,
    db: DB,
    tables,
    registry,
    now: deps.now,
    url: deps.url,
    underWay: [],
  };
  tables.seed(() => seed(erp, deps.modules));
  tables.restore();
  for (const index of tables.all(INDEXES)) tables.index(String(index.model), String(index.field));
  identifyDatabase(erp);
  return erp;
}

/** Each database has its own uuid and secret from its first day on. */
function identifyDatabase(erp: Erp): void {
  const { tables } = erp;
  if (tables.first('ir.config_parameter', 'key', 'database.uuid') !== undefined) return;
  const parameters = { 'database.uuid': randomUUID(), 'database.secret': randomBytes(32).toString('hex') };
  tables.transaction(() => {
    for (const [key, value] of Object.entries(parameters))
      tables.put('ir.config_parameter', { id: tables.newId('ir.config_parameter'), key, value });
  });
}
