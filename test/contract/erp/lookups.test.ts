/** Look-ups of the mapping against the ERP: what staff have is found by its name, what they have not is reported. */
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OrderedSale } from '../../../connector/billing/read-order.ts';
import { createCompanyAmounts } from '../../../connector/crm/company-amount.ts';
import type { CrmContext } from '../../../connector/crm/deps.ts';
import { createLookups } from '../../../connector/crm/lookups.ts';
import { type FieldMapping, loadOdooMapping, type OdooMapping } from '../../../connector/crm/mapping.ts';
import { checkOdooMapping } from '../../../connector/crm/mapping-check.ts';
import { openOpportunity } from '../../../connector/crm/opportunity.ts';
import { createLog } from '../../../connector/log.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openPreparedErp, type PreparedErp, SERVICE, unique } from './erp.ts';

let erp: PreparedErp;
let db: TestDatabase;
const team = unique('Team Europe');
const tags = [unique('Stripe'), unique('CDE')];
const stage = unique('Checkout');
let ids: { team: number; tags: number[]; stage: number };

beforeAll(async () => {
  erp = await openPreparedErp();
  db = await openTestDatabase();
  const make = async (model: string, vals_list: object[]): Promise<number[]> => {
    const made = await erp.admin.call<number[]>(model, 'create', { vals_list });
    erp.tidy(model, made);
    return made;
  };
  const [teamId] = await make('crm.team', [{ name: team }]);
  const tagIds = await make(
    'crm.tag',
    tags.map((name) => ({ name })),
  );
  const [stageId] = await make('crm.stage', [{ name: stage, sequence: 2 }]);
  ids = { team: teamId!, tags: tagIds, stage: stageId! };
}, 180_000);
afterAll(() => db?.close());

const shipped = loadOdooMapping();
const opportunityWith = (fields: Record<string, FieldMapping>): OdooMapping => {
  const { opportunity } = shipped.records;
  return {
    ...shipped,
    records: {
      ...shipped.records,
      opportunity: { ...opportunity, fields: { ...opportunity.fields, ...fields } },
    },
  };
};

const good = () =>
  opportunityWith({
    team_id: { lookup: { name: team } },
    tag_ids: { lookup: { name: tags } },
    stage_id: { lookup: { name: stage } },
    user_id: { lookup: { login: SERVICE } },
    company_id: { lookup: { xmlid: 'base.main_company' } },
  });

async function open(mapping: OdooMapping, change: Partial<OrderedSale> = {}): Promise<number> {
  const odoo = erp.service;
  const now = () => new Date();
  const orderId = change.orderId ?? randomInt(1_000_000, 2_000_000_000);
  const deps = {
    db,
    odoo,
    now,
    mapping,
    lookups: createLookups({ odoo, now }),
    log: createLog({ level: 'silent' }),
  };
  const [companyId] = await erp.admin.call<number[]>('res.partner', 'create', {
    vals_list: [{ name: unique('Harbour'), is_company: true }],
  });
  erp.tidy('res.partner', [companyId!]);
  const order: OrderedSale = {
    orderId,
    organisation: {
      id: orderId,
      providerCustomerId: null,
      name: 'Harbour',
      country: 'BE',
      vatId: null,
      contactName: 'Ada',
      contactEmail: 'ada@harbour.example',
      locale: 'en',
      looksLikeDuplicateOf: null,
    },
    project: { id: orderId, organisationId: orderId, name: 'Quay', code: 'Q', description: '', client: '' },
    planKey: 'starter',
    planName: 'Starter',
    interval: 'month',
    quantity: 1,
    amount: 175_000,
    currency: 'usd',
    ...change,
  };
  const id = await openOpportunity(
    deps as unknown as CrmContext,
    createCompanyAmounts({ odoo, now }),
    order,
    {
      companyId: companyId!,
    },
  );
  erp.tidy('crm.lead', [id]);
  return id;
}

const read = async (id: number) => {
  const [lead] = await erp.admin.call<Record<string, unknown>[]>('crm.lead', 'read', {
    ids: [id],
    fields: ['team_id', 'tag_ids', 'stage_id', 'user_id', 'company_id', 'name'],
  });
  return lead!;
};

describe('a look-up', () => {
  test('of team, people, tags, stage and company stands on a new opportunity', async () => {
    expect(await checkOdooMapping(erp.service, good())).toEqual([]);
    const lead = await read(await open(good()));
    expect(lead.team_id).toEqual([ids.team, team]);
    expect([...(lead.tag_ids as number[])].sort()).toEqual([...ids.tags].sort());
    expect(lead.stage_id).toEqual([ids.stage, stage]);
    expect((lead.user_id as [number, string])[0]).toBeGreaterThan(0);
    expect((lead.company_id as [number, string])[0]).toBe(1);
  });

  test('of a stage counts at creation only: what is won stays won, whoever opens it again and however late', async () => {
    const orderId = randomInt(1_000_000, 2_000_000_000);
    const id = await open(good(), { orderId });
    await erp.service.call('crm.lead', 'action_set_won', { ids: [id] });
    // A process that died before it could note what it had made: its load comes a second time.
    await db.query('delete from erp_records where external_id = $1', [
      `stripe_connector.order_${orderId}_opportunity`,
    ]);
    expect(await open(good(), { orderId })).toBe(id);
    const stages = await erp.admin.call<{ is_won: boolean }[]>('crm.stage', 'read', {
      ids: [((await read(id)).stage_id as [number])[0]],
      fields: ['is_won'],
    });
    expect(stages).toMatchObject([{ is_won: true }]);
  });

  test.each([
    [
      'team_id',
      { name: 'No Such Team' },
      /no crm.team with name "No Such Team"/,
      /CRM → Configuration → Sales Teams/,
    ],
    ['tag_ids', { name: ['No Such Tag'] }, /no crm.tag with name "No Such Tag"/, /the connector makes none/],
    ['user_id', { login: 'nobody@nowhere.example' }, /no res.users with login/, /Settings → Users/],
    ['stage_id', { xmlid: 'crm.no_such_stage' }, /no crm.stage with xmlid "crm.no_such_stage"/, /Stages/],
    ['team_id', { name: ['One', 'Two'] }, /holds one record, the look-up names several/, /Name one/],
    ['team_id', { login: 'x' }, /crm.team has no field login/, /by "name" or "xmlid"/],
    ['expected_revenue', { name: 'x' }, /cannot go into a field of type monetary/, /many2one or many2many/],
  ] as const)('%s %j is reported with its path and what to do', async (field, lookup, problem, fix) => {
    const [found, ...more] = await checkOdooMapping(erp.service, opportunityWith({ [field]: { lookup } }));
    expect(more).toEqual([]);
    expect(found).toMatchObject({ path: `/records/opportunity/fields/${field}` });
    expect(found!.problem).toMatch(problem);
    expect(found!.fix).toMatch(fix);
  });

  test('that two records answer is reported, and nothing is written by guess', async () => {
    const name = unique('Twins');
    const twins = await erp.admin.call<number[]>('crm.team', 'create', { vals_list: [{ name }, { name }] });
    erp.tidy('crm.team', twins);
    const mapping = opportunityWith({ team_id: { lookup: { name } } });
    expect(await checkOdooMapping(erp.service, mapping)).toMatchObject([
      { problem: `there is more than one crm.team with name "${name}"` },
    ]);
    await expect(open(mapping)).rejects.toMatchObject({ code: 'mapping_lookup_failed' });
  });

  test('a lost reason that is not there is reported', async () => {
    const mapping = { ...shipped, abandoned: { ...shipped.abandoned, lostReason: 'crm.no_such_reason' } };
    expect(await checkOdooMapping(erp.service, mapping)).toMatchObject([{ path: '/abandoned/lostReason' }]);
  });
});
