/** What a fresh database holds. In memory only: the store keeps what people and programs change. */
import { MODULES, type OdooModule } from '../models/documents/modules.ts';
import { bindXmlid } from '../orm/external-ids.ts';
import type { Erp } from '../orm/types.ts';
import { type Add, blank } from './add.ts';
import { COUNTRIES } from './countries.ts';
import { CURRENCIES } from './currencies.ts';
import { groupSeeds } from './groups.ts';
import { seedModels } from './seed-models.ts';
import { seedPeople } from './seed-people.ts';
import { seedChatter, seedSales } from './seed-sales.ts';

export function seed(erp: Erp, modules: readonly OdooModule[]): void {
  const add: Add = (name, id, values, xmlid) => {
    const model = erp.registry.base().find((candidate) => candidate.name === name)!;
    erp.tables.put(name, { ...blank(model), ...values, id });
    if (xmlid !== undefined) bindXmlid(erp, { xmlid, model: name, id, uid: 1, noupdate: true });
  };
  seedGroups(erp, add, modules);
  seedPlaces(add);
  seedPeople(erp, add, modules);
  seedSales(add);
  seedChatter(add);
  add(
    'payment.provider',
    1,
    { name: 'Stripe', code: 'stripe', state: 'disabled' },
    'payment.payment_provider_stripe',
  );
  seedModels(erp, add);
  [
    'base',
    'base_vat',
    'contacts',
    'crm',
    'mail',
    'payment_stripe',
    'portal',
    'sales_team',
    ...modules,
  ].forEach((name, at) => {
    add('ir.module.module', at + 1, { name, state: 'installed' }, `base.module_${name}`);
  });
}

function seedGroups(erp: Erp, add: Add, modules: readonly OdooModule[]): void {
  const seeds = [...groupSeeds(erp.version), ...modules.flatMap((name) => MODULES[name].groups)];
  const ids = new Map(seeds.map(({ xmlid, id }) => [xmlid, id]));
  for (const { xmlid, id, name, category, implies, share } of seeds)
    add(
      'res.groups',
      id,
      {
        name,
        category_name: category || false,
        share: share ?? false,
        implied_ids: implies.map((other) => ids.get(other)!),
      },
      xmlid,
    );
}

function seedPlaces(add: Add): void {
  const ordered = [...CURRENCIES].sort((a, b) => Number(b.code === 'USD') - Number(a.code === 'USD'));
  ordered.forEach(({ code, symbol, rounding, name }, at) => {
    add(
      'res.currency',
      at + 1,
      { name: code, symbol, rounding, full_name: name, active: code === 'USD' || code === 'EUR' },
      `base.${code}`,
    );
  });
  COUNTRIES.forEach(({ code, name, xmlid }, at) => {
    add('res.country', at + 1, { name, code }, xmlid);
  });
  add(
    'res.lang',
    1,
    { name: 'English (US)', code: 'en_US', iso_code: 'en', url_code: 'en', active: true, direction: 'ltr' },
    'base.lang_en',
  );
}
