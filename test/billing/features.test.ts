/** What the product is told a customer may do, by our records alone. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AddOn, Catalogue } from '../../connector/billing/catalogue.ts';
import { grantsOf } from '../../connector/billing/features.ts';
import { loadCatalogue } from '../../connector/billing/plans.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { seedSale } from '../support/seed.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

const shipped = loadCatalogue('mappings/plans.json');
const addOn = (key: string, featureKeys: readonly string[]) => ({ key, featureKeys }) as AddOn;
const catalogue: Catalogue = {
  ...shipped,
  plans: shipped.plans.map((plan) => ({ ...plan, featureKeys: ['viewer'] })),
  addOns: [addOn('audit', ['audit_log']), addOn('more', ['viewer', 'api'])],
};
const item = (addOnKey: string | null) => ({ role: addOnKey === null ? 'recurring' : 'addon', addOnKey });
const UNLIMITED = { projects: null, users: null, storageGb: null };
const { limits: STARTER } = shipped.plans[0]!;

it.each([
  ['its plan', {}, { refusal: null, features: ['viewer'], limits: STARTER }],
  [
    'its plan and add-ons, each once; an add-on that is not ours any more grants nothing',
    { items: JSON.stringify([item(null), item('audit'), item('more'), item('gone')]) },
    { refusal: null, features: ['viewer', 'audit_log', 'api'], limits: STARTER },
  ],
  [
    'nothing before the first money',
    { granted_plan_key: null },
    { planKey: null, refusal: 'not_paid', features: [], limits: UNLIMITED },
  ],
  [
    'of a plan that is not in the catalogue any more: its add-ons',
    { granted_plan_key: 'founders', items: JSON.stringify([item('audit')]) },
    { planKey: 'founders', refusal: null, features: ['audit_log'], limits: UNLIMITED },
  ],
  ['nothing while it rests', { status: 'paused' }, { refusal: 'paused', features: [], limits: STARTER }],
  ['nothing while access is suspended', { access: 'suspended' }, { refusal: 'suspended', features: [] }],
  ['nothing after the end', { status: 'canceled' }, { refusal: 'ended', features: [] }],
])('grants %s', async (_name, change, wanted) => {
  const { subscriptionId } = await seedSale(db);
  for (const [column, value] of Object.entries({
    granted_plan_key: 'starter',
    access: 'provisioned',
    ...change,
  }))
    await db.query(`update subscriptions set ${column} = $2 where id = $1`, [subscriptionId, value]);
  expect(await grantsOf({ db, catalogue }, subscriptionId)).toMatchObject(wanted);
});
