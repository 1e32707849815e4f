/** Meters and their events. https://docs.stripe.com/api/billing/meter and /billing/meter-event */
import type Stripe from 'stripe';
import type { Core } from './core.ts';
import { invalid, missing } from './errors.ts';
import { newId } from './ids.ts';
import { newestFirst, page } from './list.ts';
import { usedOf } from './metered-usage.ts';
import { integer, map, object, oneOf, PAGING, required, text } from './params.ts';
import { DAY } from './periods.ts';
import type { Meter, MeterEvent, Plain } from './plain.ts';
import { route } from './route.ts';
import { update } from './update.ts';

type Create = Plain<Stripe.Billing.MeterCreateParams>;
type Update = Plain<Stripe.Billing.MeterUpdateParams>;
type List = Plain<Stripe.Billing.MeterListParams>;
type Summaries = Plain<Stripe.Billing.MeterListEventSummariesParams>;
type EventCreate = Plain<Stripe.Billing.MeterEventCreateParams>;

const STATUS = oneOf('active', 'inactive');

export const meterRoutes = [
  route<Create>(
    'POST',
    '/v1/billing/meters',
    {
      display_name: required(text),
      event_name: required(text),
      default_aggregation: required(object({ formula: required(oneOf('count', 'last', 'sum')) })),
      customer_mapping: object({ event_payload_key: required(text), type: required(oneOf('by_id')) }),
      event_time_window: oneOf('day', 'hour'),
      value_settings: object({ event_payload_key: required(text) }),
    },
    ({ core, params }) => createMeter(core, params),
  ),
  route('GET', '/v1/billing/meters/:id', {}, ({ core, id }) => meterOf(core, id)),
  route<Update>('POST', '/v1/billing/meters/:id', { display_name: text }, ({ core, id, params }) =>
    update(core, core.tables.meters, 'billing.meter.updated', meterOf(core, id), {
      ...(params.display_name && { display_name: params.display_name }),
    }),
  ),
  route('POST', '/v1/billing/meters/:id/deactivate', {}, ({ core, id }) =>
    update(core, core.tables.meters, 'billing.meter.deactivated', meterOf(core, id), {
      status: 'inactive',
      status_transitions: { deactivated_at: core.now() },
    }),
  ),
  route('POST', '/v1/billing/meters/:id/reactivate', {}, ({ core, id }) =>
    update(core, core.tables.meters, 'billing.meter.reactivated', meterOf(core, id), {
      status: 'active',
      status_transitions: { deactivated_at: null },
    }),
  ),
  route<List>('GET', '/v1/billing/meters', { ...PAGING, status: STATUS }, ({ core, params, path }) =>
    page(
      newestFirst(core.tables.meters.all()).filter(
        (meter) => params.status === undefined || meter.status === params.status,
      ),
      params,
      path,
    ),
  ),
  route<Summaries>(
    'GET',
    '/v1/billing/meters/:id/event_summaries',
    {
      ...PAGING,
      customer: required(text),
      start_time: required(integer),
      end_time: required(integer),
      value_grouping_window: oneOf('day', 'hour'),
    },
    ({ core, id, params, path }) => page([summary(core, meterOf(core, id), params)], {}, path),
  ),
  route<EventCreate>(
    'POST',
    '/v1/billing/meter_events',
    { event_name: required(text), payload: required(map), identifier: text, timestamp: integer },
    ({ core, params }) => recordUse(core, params),
  ),
];

function meterOf(core: Core, id: string): Meter {
  const meter = core.tables.meters.get(id);
  if (!meter) throw missing('billing meter', id);
  return meter;
}

function createMeter(core: Core, params: Create): Meter {
  const taken = core.tables.meters.all().find((one) => one.event_name === params.event_name);
  if (taken?.status === 'active') {
    throw invalid(`There is already an active meter with the event name ${params.event_name}.`, {
      param: 'event_name',
      code: 'resource_already_exists',
    });
  }
  const meter: Meter = {
    id: newId('mtr'),
    object: 'billing.meter',
    created: core.now(),
    customer_mapping: params.customer_mapping ?? { event_payload_key: 'stripe_customer_id', type: 'by_id' },
    default_aggregation: params.default_aggregation,
    display_name: params.display_name,
    event_name: params.event_name,
    event_time_window: params.event_time_window ?? null,
    livemode: false,
    status: 'active',
    status_transitions: { deactivated_at: null },
    updated: core.now(),
    value_settings: params.value_settings ?? { event_payload_key: 'value' },
  };
  core.tables.meters.put(meter.id, meter);
  core.emit('billing.meter.created', meter);
  return meter;
}

/** @throws StripeFault for an identifier used before, and a time more than 35 days past or five minutes ahead */
function recordUse(core: Core, params: EventCreate): MeterEvent {
  const identifier = params.identifier ?? newId('mevt');
  if (core.tables.meterEvents.get(identifier)) {
    throw invalid(`An event already exists with identifier ${identifier}.`, {
      param: 'identifier',
      code: 'duplicate_meter_event',
    });
  }
  const timestamp = params.timestamp ?? core.now();
  if (timestamp < core.now() - 35 * DAY || timestamp > core.now() + 300) {
    throw invalid(
      'The timestamp must be within the past 35 calendar days or up to 5 minutes in the future.',
      {
        param: 'timestamp',
        code: 'timestamp_invalid',
      },
    );
  }
  const event: MeterEvent = {
    object: 'billing.meter_event',
    created: core.now(),
    event_name: params.event_name,
    identifier,
    livemode: false,
    payload: params.payload,
    timestamp,
  };
  core.tables.meterEvents.put(identifier, event);
  return event;
}

/** One for the whole time asked for. https://docs.stripe.com/api/billing/meter-event-summary/list */
function summary(core: Core, meter: Meter, { customer, start_time, end_time }: Summaries) {
  for (const [param, at] of Object.entries({ start_time, end_time }))
    if (at % 60 !== 0) throw invalid(`${param} must be aligned with minute boundaries.`, { param });
  return {
    id: newId('mtrusg'),
    object: 'billing.meter_event_summary',
    aggregated_value: usedOf(core, { meter: meter.id, customer, from: start_time, to: end_time }),
    end_time,
    livemode: false,
    meter: meter.id,
    start_time,
  };
}
