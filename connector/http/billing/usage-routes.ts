/** For the product itself: what a subscription grants, what was used, and reporting what is billed by meter. */
import { readMeterUse, reportUsage } from '../../billing/commands/report-usage.ts';
import { readUsage } from '../../billing/commands/usage.ts';
import { type Grants, grantsOf, knownFeatures } from '../../billing/features.ts';
import { requestError } from '../problem.ts';
import { chosen, chosenAlive } from './live.ts';
import { CHOICE } from './read-routes.ts';
import { type BillingDeps, type BillingRoute, bodyOf, type Call } from './route.ts';
import { INPUT, record, refTo } from './schemas.ts';

const SUBSCRIPTION = { subscription: INPUT.subscription };
const BASE = '/api/v1';

export const usageRoutes: readonly BillingRoute[] = [
  {
    base: BASE,
    method: 'get',
    path: '/features',
    operationId: 'listFeatures',
    summary: 'What a subscription grants now: features and limits; answered from our records',
    query: SUBSCRIPTION,
    answers: { 200: { description: 'None while it is refused', schema: refTo('Grants') } },
    problems: CHOICE,
    async handle(deps, call) {
      const { id, grants } = await grantsFor(deps, call);
      const { projects, users, storageGb } = grants.limits;
      return {
        status: 200,
        body: {
          subscription: String(id),
          plan_key: grants.planKey,
          refused: grants.refusal,
          features: grants.features,
          limits: { projects, users, storage_gb: storageGb },
        },
      };
    },
  },
  {
    base: BASE,
    method: 'get',
    path: '/features/{feature}',
    operationId: 'checkFeature',
    summary: 'Whether a subscription grants one feature now',
    params: { feature: INPUT.feature },
    query: SUBSCRIPTION,
    answers: { 200: { description: 'Yes or no, and why not', schema: refTo('Gate') } },
    problems: [...CHOICE, 'feature_not_found'],
    async handle(deps, call) {
      const feature = call.params.feature!;
      const { grants } = await grantsFor(deps, call);
      if (!knownFeatures(deps.catalogue).has(feature))
        throw requestError(
          'feature_not_found',
          `Nothing that is sold has the feature "${feature}".`,
          'The keys are "featureKeys" in plans.json.',
        );
      const granted = grants.features.includes(feature);
      const refused = granted ? null : (grants.refusal ?? 'not_in_plan');
      return { status: 200, body: { feature, granted, refused } };
    },
  },
  {
    base: BASE,
    method: 'get',
    path: '/usage',
    operationId: 'getUsage',
    summary: 'What is used: of the plan’s limits, and of what is billed by meter in this period',
    query: SUBSCRIPTION,
    answers: { 200: { description: 'The provider counts with minutes of delay', schema: refTo('Usage') } },
    problems: CHOICE,
    async handle(deps, call) {
      const row = await chosenAlive(deps, call);
      const { db } = deps.commands;
      const { limits } = await grantsOf({ db, catalogue: deps.catalogue }, row.id);
      const used = await readUsage(db, {
        organisationId: call.organisation.id,
        projectId: row.projectId,
      });
      const meters = await readMeterUse(deps.commands, row.id);
      return {
        status: 200,
        body: {
          subscription: String(row.id),
          limits: (['projects', 'users'] as const).map((what) => ({
            what,
            limit: limits[what],
            used: used[what],
          })),
          meters: meters.map(({ meter, quantity, from, to }) => ({
            meter_key: meter.key,
            name: meter.name,
            unit: meter.unit,
            currency: row.currency,
            unit_amount: meter.unitAmount,
            quantity,
            from: from.toISOString(),
            to: to.toISOString(),
          })),
        },
      };
    },
  },
  {
    base: BASE,
    method: 'post',
    path: '/usage',
    operationId: 'reportUsage',
    summary: 'Report what was used of something billed by meter; the same identifier counts once',
    body: bodyOf(
      {
        subscription: INPUT.subscription,
        meter_key: INPUT.plan_key,
        quantity: { type: 'integer', minimum: 1, maximum: 1_000_000_000, 'x-code': 'quantity' },
        identifier: {
          type: 'string',
          pattern: '^[\\w:.-]{1,200}$',
          'x-code': 'identifier',
          description: 'Yours, of this use.',
        },
        at: {
          type: 'string',
          pattern:
            '^\\d{4}-(0[1-9]|1[0-2])-([0-2]\\d|3[01])T([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,6})?Z$',
          'x-code': 'at',
          description: 'UTC, within the past 35 days; left out: now.',
        },
      },
      ['meter_key', 'quantity', 'identifier'],
    ),
    answers: {
      202: { description: 'It will be counted', schema: record({ accepted: { const: true } }) },
    },
    problems: [...CHOICE, 'meter_not_found', 'usage_time_refused'],
    async handle(deps, call) {
      const row = await chosenAlive(deps, call);
      const { meter_key, quantity, identifier, at } = call.body as {
        meter_key: string;
        quantity: number;
        identifier: string;
        at?: string;
      };
      await reportUsage(deps.commands, {
        subscriptionId: row.id,
        meterKey: meter_key,
        quantity,
        identifier,
        ...(at !== undefined && { at: new Date(at) }),
      });
      return { status: 202, body: { accepted: true } };
    },
  },
];

async function grantsFor(deps: BillingDeps, call: Call): Promise<{ id: number; grants: Grants }> {
  const { id } = await chosen(deps, call);
  return { id, grants: await grantsOf({ db: deps.commands.db, catalogue: deps.catalogue }, id) };
}
