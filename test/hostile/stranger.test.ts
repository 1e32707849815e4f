/** Anonymous input proves nothing: naming somebody's company or address changes nothing that exists and shows nothing of theirs. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  activitiesOn,
  buy,
  ended,
  idOf,
  mirrored,
  openStage,
  order,
  type Purchase,
  resultOf,
  type Stage,
} from '../faults/stage.ts';
import { eventually } from '../support/connector.ts';

const ADMIN = 'admin@corp.example';
const EMPLOYEE = 'employee@corp.example';
const ARCHIVED = 'archived@corp.example';

/** Existing records, whole; what a later reading must find again. */
interface Dump {
  readonly erp: ReadonlyMap<string, Record<string, unknown>>;
  readonly stripe: readonly unknown[];
  readonly ours: ReadonlyMap<string, readonly unknown[]>;
}

const MODELS = [
  'res.users',
  'res.partner',
  'crm.lead',
  'x_cde_folder',
  'x_stripe_subscription',
  'ir.attachment',
];
const TABLES = [
  'organisations',
  'projects',
  'stakeholders',
  'orders',
  'subscriptions',
  'links',
  'secrets',
  'storages',
  'erp_records',
];

async function dump(stage: Stage): Promise<Dump> {
  const { odoo, stripe } = stage.world.systems;
  const erp = new Map(
    MODELS.flatMap((model) => odoo.records(model).map((each) => [`${model},${each.id}`, each] as const)),
  );
  const ours = new Map<string, readonly unknown[]>();
  for (const table of TABLES)
    ours.set(
      table,
      (await stage.db.query<{ row: unknown }>(`select to_jsonb(t) as row from ${table} t`)).rows.map(
        (each) => each.row,
      ),
    );
  return { erp, stripe: [...stripe.customers(), ...stripe.sessions(), ...stripe.subscriptions()], ours };
}

async function expectKept(stage: Stage, before: Dump): Promise<void> {
  const after = await dump(stage);
  for (const [key, record] of before.erp) expect(after.erp.get(key), key).toEqual(record);
  for (const each of before.stripe) expect(after.stripe).toContainEqual(each);
  for (const [table, rows] of before.ours)
    for (const row of rows) expect(after.ours.get(table), table).toContainEqual(row);
}

describe('a stranger', () => {
  let stage: Stage;
  let customer: Purchase;

  beforeAll(async () => {
    stage = await openStage();
    const { staff, records } = stage.world.systems.odoo;
    staff.create('res.partner', { name: 'Port Authority', is_company: true, email: 'info@port.example' });
    const admin = records('res.users').find((each) => each.login === 'admin')!;
    staff.edit('res.partner', Number(idOf(admin.partner_id)), { email: ADMIN });
    staff.createInternalUser({ login: EMPLOYEE, email: EMPLOYEE });
    staff.archiveUser(staff.createInternalUser({ login: ARCHIVED, email: ARCHIVED }));
    customer = await buy(stage);
    await ended(stage, customer);
  });
  afterAll(() => stage?.stop());

  const outcomesOf = (run: Parameters<typeof resultOf>[0]) =>
    Object.fromEntries(
      resultOf<{ users: { login: string; outcome: string }[] }>(run, 'users').users.map((each) => [
        each.login,
        each.outcome,
      ]),
    );

  it.each([
    [
      'an existing company and a customer’s contact',
      () => ({ name: 'Port Authority', contact_email: customer.contact }),
    ],
    [
      'a customer’s very name and address',
      () => ({ name: customer.company, contact_email: customer.contact }),
    ],
    ['the administrator', () => ({ name: 'Evil Ltd', contact_email: ADMIN })],
    ['an employee', () => ({ name: 'Evil Ltd', contact_email: EMPLOYEE })],
    ['somebody archived', () => ({ name: 'Evil Ltd', contact_email: ARCHIVED })],
  ])('who names %s changes nothing that exists', async (_who, organisation) => {
    await mirrored(stage);
    const before = await dump(stage);
    const theirs = customer.people[0]!;
    const own = `stranger-${stage.world.counts.of('mail')}@evil.example`;
    const purchase = await order(stage, {
      organisation: organisation(),
      stakeholders: [
        { name: 'Boss', email: ADMIN, role: 'appointing_party' },
        { name: 'Worker', email: EMPLOYEE, role: 'appointed_party' },
        { name: 'Ghost', email: ARCHIVED, role: 'appointed_party' },
        { name: 'Rival', email: theirs.toUpperCase().replace('@', '@'), role: 'lead_appointed_party' },
        { name: 'Me', email: own, role: 'information_manager' },
      ],
    });
    await expectKept(stage, before);
    stage.world.systems.stripe.payCheckout(purchase.sessionId);
    const run = await ended(stage, purchase);
    await expectKept(stage, before);

    // Nothing of the customer's is in what the stranger was answered, nor may their page be opened with it.
    const answer = JSON.stringify(purchase.reply.body);
    expect(answer).not.toContain(customer.sessionId);
    expect(answer).not.toContain(customer.reply.body.order);
    const session = stage.world.systems.stripe.sessions().find((each) => each.id === purchase.sessionId)!;
    const theirSession = stage.world.systems.stripe
      .sessions()
      .find((each) => each.id === customer.sessionId)!;
    expect(session.customer).not.toBe(theirSession.customer);

    expect(outcomesOf(run)).toEqual({
      [ADMIN]: 'needs_staff',
      [EMPLOYEE]: 'needs_staff',
      [ARCHIVED]: 'needs_staff',
      [theirs]: 'needs_acceptance',
      [own]: 'created',
    });
    // People whose account is not ours to give get no link to set its password.
    const { rows: links } = await stage.db.query<{
      kind: string;
      email: string | null;
      partner: number | null;
    }>(
      `select l.kind, lower(h.email) as email, l.partner_id as partner from links l left join stakeholders h on h.id = l.stakeholder_id
        where l.subscription_id = $1`,
      [run.subscriptionId],
    );
    const credentials = links.filter(({ kind }) => kind === 'credentials').map(({ email }) => email);
    expect(credentials.filter((email) => email !== null)).toEqual([own]);
    expect(links.find(({ email }) => email === null)).toMatchObject({ partner: null });
    // Who has an account of ours already is asked whether to be let in, by mail to them alone.
    expect(links.filter(({ kind }) => kind === 'acceptance').map(({ email }) => email)).toEqual([theirs]);

    const { opportunityId } = resultOf<{ opportunityId: number }>(run, 'opportunity');
    const activity = await eventually('staff are told', async () =>
      activitiesOn(stage, opportunityId).find(({ summary }) => String(summary).includes('3 stakeholder(s)')),
    );
    for (const login of [ADMIN, EMPLOYEE, ARCHIVED]) expect(activity.note).toContain(login);
    expect(activity.note).not.toContain(theirs);
  });

  it('who looks like a customer is flagged for staff, and only flagged', async () => {
    const { rows } = await stage.db.query<{ duplicate: number | null }>(
      'select looks_like_duplicate_of as duplicate from organisations where contact_email = $1 order by id',
      [customer.contact],
    );
    expect(rows[0]!.duplicate).toBeNull();
    expect(rows.slice(1).every((each) => each.duplicate !== null)).toBe(true);
  });
});
