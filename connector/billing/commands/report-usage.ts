/** What a customer has used of something billed by meter: reported to the provider, and read back. */
import { createHash } from 'node:crypto';
import { ConnectorError } from '../../errors.ts';
import type { Catalogue, MeteredPrice } from '../catalogue.ts';
import { findPlan } from '../plans.ts';
import { type CommandDeps, readTarget } from './change.ts';

export interface UsageGateway {
  /** The same identifier counts once, for a day at least. @param at left out: now */
  report(input: {
    customerId: string;
    eventName: string;
    value: number;
    identifier: string;
    at: Date | undefined;
  }): Promise<void>;
  /** Summed over that time, as far as the provider has counted: it lags by minutes. */
  used(input: { customerId: string; eventName: string; from: Date; to: Date }): Promise<number>;
}

export interface UsageDeps extends Pick<CommandDeps, 'db' | 'installation' | 'now'> {
  readonly catalogue: Catalogue;
  readonly usage: UsageGateway;
}

export interface UsageReport {
  readonly subscriptionId: number;
  readonly meterKey: string;
  /** Whole units, from 1. */
  readonly quantity: number;
  /** Names what was used: reported again, it counts once. */
  readonly identifier: string;
  /** When it was used; left out: now. */
  readonly at?: Date;
}

const DAY_MS = 86_400_000;

/** @throws ConnectorError absent `meter_not_found`, permanent `usage_time_refused`, absent `subscription_not_found` */
export async function reportUsage(deps: UsageDeps, input: UsageReport): Promise<void> {
  const { meterKey, quantity, identifier, at } = input;
  const { target, meters } = await metersOf(deps, input.subscriptionId);
  const meter = meters.find(({ key }) => key === meterKey);
  if (meter === undefined) throw meterNotFound(meterKey);
  const age = at === undefined ? 0 : deps.now().getTime() - at.getTime();
  // "Must be within the past 35 calendar days or up to 5 minutes in the future" (billing.meter_events, timestamp)
  if (!(age <= 35 * DAY_MS && age >= -300_000)) throw usageTimeRefused();
  const whose = [deps.installation, target.providerId, meterKey, identifier].join(' ');
  await deps.usage.report({
    customerId: target.customerId,
    eventName: meter.eventName,
    value: quantity,
    identifier: createHash('sha256').update(whose).digest('hex'),
    at,
  });
}

export interface MeterUse {
  readonly meter: MeteredPrice;
  readonly quantity: number;
  readonly from: Date;
  readonly to: Date;
}

/** Of the present period, up to now; empty: the plan has nothing metered. */
export async function readMeterUse(deps: UsageDeps, subscriptionId: number): Promise<readonly MeterUse[]> {
  const { target, meters, from } = await metersOf(deps, subscriptionId);
  const to = deps.now();
  return Promise.all(
    meters.map(async (meter) => {
      const { customerId } = target;
      const quantity = await deps.usage.used({ customerId, eventName: meter.eventName, from, to });
      return { meter, quantity, from, to };
    }),
  );
}

async function metersOf({ db, catalogue, now }: UsageDeps, subscriptionId: number) {
  const target = await readTarget(db, subscriptionId);
  const { rows } = await db.query<{ planKey: string | null; from: Date | null }>(
    'select plan_key as "planKey", current_period_start as "from" from subscriptions where id = $1',
    [subscriptionId],
  );
  const { planKey, from } = rows[0]!;
  const plan = planKey === null ? undefined : findPlan(catalogue, planKey);
  return { target, meters: plan?.metered ?? [], from: from ?? now() };
}

const meterNotFound = (meterKey: string) =>
  new ConnectorError({
    kind: 'absent',
    code: 'meter_not_found',
    message: `The subscription's plan has no meter "${meterKey}".`,
    advice: 'GET /api/v1/usage lists the meters of a subscription.',
  });

const usageTimeRefused = () =>
  new ConnectorError({
    kind: 'permanent',
    code: 'usage_time_refused',
    message: 'The time of use is more than 35 days past, or ahead.',
    advice: 'Report usage as it happens; an older one is invoiced by hand.',
  });
