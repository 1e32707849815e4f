/** Tax ids of a customer. https://docs.stripe.com/api/customers/tax_ids */

import type { Core } from './core.ts';
import { invalid, missing } from './errors.ts';
import { newId } from './ids.ts';
import { newestFirst, type Paging, page } from './list.ts';
import { customerOf } from './lookup.ts';
import { PAGING, required, text } from './params.ts';
import type { TaxId } from './plain.ts';
import { route } from './route.ts';

export const TAX_ID = { type: required(text), value: required(text) };

interface Given {
  readonly type: string;
  readonly value: string;
}

export const taxIdRoutes = [
  route<Given>('POST', '/v1/customers/:id/tax_ids', TAX_ID, ({ core, id, params }) => {
    customerOf(core, id, 'id');
    return addTaxId(core, id, params);
  }),
  route<Paging>('GET', '/v1/customers/:id/tax_ids', PAGING, ({ core, id, params, path }) => {
    customerOf(core, id, 'id');
    return page(taxIdsOf(core, id), params, path);
  }),
  route('GET', '/v1/customers/:id/tax_ids/:sub', {}, ({ core, id, sub }) => taxIdOf(core, id, sub)),
  route('DELETE', '/v1/customers/:id/tax_ids/:sub', {}, ({ core, id, sub }) => {
    const taxId = taxIdOf(core, id, sub);
    core.tables.taxIds.delete(sub);
    core.emit('customer.tax_id.deleted', taxId);
    return { id: sub, object: 'tax_id', deleted: true };
  }),
];

export function taxIdsOf(core: Core, customerId: string): TaxId[] {
  return newestFirst(core.tables.taxIds.all().filter((taxId) => taxId.customer === customerId));
}

function taxIdOf(core: Core, customerId: string, id: string): TaxId {
  const taxId = core.tables.taxIds.get(id);
  if (taxId?.customer !== customerId) throw missing('tax id', id);
  return taxId;
}

/** @throws StripeFault `tax_id_invalid` for an EU number that is not two letters and 2–13 characters */
export function addTaxId(core: Core, customerId: string, given: Given): TaxId {
  if (given.type === 'eu_vat' && !/^[A-Z]{2}[0-9A-Z+*]{2,13}$/.test(given.value)) {
    throw invalid('Invalid value for eu_vat.', { code: 'tax_id_invalid', param: 'value' });
  }
  const taxId: TaxId = {
    id: newId('txi'),
    object: 'tax_id',
    country: given.type === 'eu_vat' ? given.value.slice(0, 2) : null,
    created: core.now(),
    customer: customerId,
    customer_account: null,
    livemode: false,
    owner: { type: 'customer', customer: customerId, customer_account: null },
    type: given.type,
    value: given.value,
    verification: { status: 'pending', verified_address: null, verified_name: null },
  };
  core.tables.taxIds.put(taxId.id, taxId);
  core.emit('customer.tax_id.created', taxId);
  return taxId;
}
