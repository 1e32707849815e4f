/** The mapping against a live ERP, asked with the service's own key. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { FACT_TYPES } from '../../connector/crm/fact-types.ts';
import { FACT_NAMES } from '../../connector/crm/facts.ts';
import { type FieldMapping, loadOdooMapping, type OdooMapping } from '../../connector/crm/mapping.ts';
import { checkOdooMapping, requireFittingMapping } from '../../connector/crm/mapping-check.ts';
import { createLog } from '../../connector/log.ts';
import { createOdoo, type Odoo } from '../../connector/odoo/odoo.ts';
import { SERVICE_LOGIN, setupErp } from '../../scripts/commands/setup-erp.ts';
import type { World } from '../../scripts/sandbox/world.ts';
import { startTestWorld } from '../support/sandbox.ts';

async function erp(options: { odooVersion: 17 | 18 | 19; transport?: 'xmlrpc' | 'jsonrpc' }) {
  const world = await startTestWorld({ odooVersion: options.odooVersion });
  const odooAs = (username: string, apiKey: string): Odoo =>
    createOdoo({
      url: world.urls.odoo,
      db: world.env.ODOO_DB!,
      username,
      apiKey,
      transport: options.transport ?? 'auto',
      log: createLog({ level: 'silent' }),
    });
  const keyFile = join(mkdtempSync(join(tmpdir(), 'mapping-')), 'key');
  await setupErp({
    odooAdmin: odooAs('admin', world.env.ODOO_ADMIN_API_KEY!),
    odooAs,
    keyFile,
    print: () => {},
  });
  return { world, odoo: odooAs(SERVICE_LOGIN, readFileSync(keyFile, 'utf8').trim()) };
}

const shipped = loadOdooMapping();

/** The shipped mapping with some of the opportunity's fields other than they are. */
const opportunityWith = (fields: Record<string, FieldMapping>, model = 'crm.lead'): OdooMapping => ({
  ...shipped,
  records: { ...shipped.records, opportunity: { model, write: 'once', fields } },
});

describe('every fact', () => {
  it('has a type', () => {
    expect(Object.keys(FACT_TYPES).sort()).toEqual([...FACT_NAMES].sort());
  });
});

describe.each([17, 18, 19] as const)('the shipped mapping on Odoo %i', (odooVersion) => {
  it('fits what setup made', async () => {
    const { odoo } = await erp({ odooVersion });
    expect(await checkOdooMapping(odoo, shipped)).toEqual([]);
  });
});

it('the check works over XML-RPC', async () => {
  const { odoo } = await erp({ odooVersion: 17, transport: 'xmlrpc' });
  expect(await checkOdooMapping(odoo, shipped)).toEqual([]);
  const [problem] = await checkOdooMapping(odoo, opportunityWith({ name: { text: 'x' } }, 'x_nope'));
  expect(problem?.problem).toBe('this ERP has no model x_nope');
});

describe('what does not fit', () => {
  let world: World;
  let odoo: Odoo;
  beforeAll(async () => {
    ({ world, odoo } = await erp({ odooVersion: 19 }));
  });

  const opportunity = '/records/opportunity';

  it.each<[string, Record<string, FieldMapping>, string]>([
    ['a missing field', { nickname: { fact: 'project.name' } }, 'crm.lead has no field nickname'],
    ['a read-only field', { create_date: { fact: 'invoice.paid_at' } }, 'is read-only'],
    [
      'money in a text',
      { contact_name: { fact: 'invoice.amount' } },
      'a money cannot go into a field of type char',
    ],
    ['a text in money', { expected_revenue: { text: '{plan.name}' } }, 'a text cannot go into'],
    ['a date in money', { expected_revenue: { fact: 'invoice.paid_at' } }, 'a date cannot go into'],
    ['a boolean in a text', { name: { value: true } }, 'a boolean cannot go into'],
    ['a number in a text', { name: { value: 7 } }, 'a number cannot go into'],
    ['a text in money, constant', { expected_revenue: { value: 'much' } }, 'a text cannot go into'],
    ['an unknown selection value', { type: { value: 'sale' } }, 'the selection has no value "sale"'],
    ['a fact of known values', { type: { fact: 'subscription.interval' } }, 'no value "month", "year"'],
    ['any text in a selection', { type: { fact: 'plan.name' } }, 'cannot be relied on'],
    ['another model', { user_id: { fact: 'link.company' } }, 'leads to res.users, the fact to res.partner'],
    ['a link in a text', { name: { fact: 'link.company' } }, 'a link to res.partner cannot go into'],
    ['a link by external id', { 'partner_id/id': { fact: 'link.company' } }, 'no external id'],
    [
      'an external id as a record',
      { country_id: { fact: 'organisation.country_xmlid' } },
      'is an external id',
    ],
    ['a text as an external id', { 'country_id/id': { text: '{project.name}' } }, 'cannot name a record'],
    [
      'a plain fact as an external id',
      { 'country_id/id': { fact: 'project.name' } },
      '"project.name" is no external id',
    ],
    ['a constant in a relation', { user_id: { value: 'admin' } }, 'cannot name a record'],
    ['a malformed external id', { 'user_id/id': { value: 'admin' } }, '"admin" is no external id'],
    ['an external id in a text', { 'name/id': { value: 'base.user_admin' } }, 'a external id cannot go into'],
    [
      'an unknown external id',
      { 'user_id/id': { value: 'base.nobody' } },
      'there is no external id "base.nobody"',
    ],
    ['a look-up by external id', { 'team_id/id': { lookup: { name: 'Sales' } } }, 'gives a record'],
    [
      'a look-up of what is made elsewhere',
      { country_id: { lookup: { name: 'Atlantis' } } },
      'there is no res.country with name "Atlantis"',
    ],
    ['an external id of another model', { 'user_id/id': { value: 'base.be' } }, 'is a record of res.country'],
  ])('%s', async (_what, fields, expected) => {
    const problems = await checkOdooMapping(odoo, opportunityWith(fields));
    const column = Object.keys(fields)[0]!.replace('/', '~1');
    expect(problems).toEqual([
      {
        path: `${opportunity}/fields/${column}`,
        problem: expect.stringContaining(expected),
        fix: expect.any(String),
      },
    ]);
  });

  it('takes constants, optional selections and relations that are right', async () => {
    const fields: Record<string, FieldMapping> = {
      name: { value: 'Sale' },
      type: { value: 'opportunity' },
      user_id: { value: '' },
      'team_id/id': { value: 'sales_team.team_sales_department' },
      'country_id/id': { fact: 'organisation.country_xmlid' },
      color: { value: 3 },
    };
    expect(await checkOdooMapping(odoo, opportunityWith(fields))).toEqual([]);
  });

  it('a right that was taken away, once and not field by field', async () => {
    const access = world.systems.odoo.find(
      'ir.model.access',
      (row) => row.name === 'x_stripe_subscription connector',
    )!;
    world.systems.odoo.staff.edit('ir.model.access', access.id, { perm_write: false, perm_create: false });
    const problems = await checkOdooMapping(odoo, shipped);
    world.systems.odoo.staff.edit('ir.model.access', access.id, { perm_write: true, perm_create: true });
    expect(problems).toEqual([
      {
        path: '/records/subscription/model',
        problem: 'the service’s user may not create, write records of x_stripe_subscription',
        fix: expect.stringContaining('setup erp'),
      },
    ]);
  });

  it('is told all at once, and an ERP that cannot be reached is another thing', async () => {
    const mapping = opportunityWith({ nope: { fact: 'project.name' }, type: { value: 'sale' } });
    await expect(requireFittingMapping({ odoo, mapping, file: 'odoo.json' })).rejects.toMatchObject({
      kind: 'permanent',
      code: 'mapping_wrong',
      message: expect.stringMatching(/odoo\.json .*2 problem.*fields\/nope.*fields\/type/s),
    });
    world.faults.add({ system: 'odoo', kind: 'refused', times: 100 });
    await expect(requireFittingMapping({ odoo, mapping, file: 'odoo.json' })).rejects.toMatchObject({
      kind: 'retryable',
    });
    world.faults.clear();
  });
});
