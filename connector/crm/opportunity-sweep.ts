/** Brings the ERP's pipeline in step with orders that are not paid: opened, abandoned, given up, taken up again. */
import type { Catalogue } from '../billing/catalogue.ts';
import { type OrderedSale, readOrder } from '../billing/read-order.ts';
import { asConnectorError } from '../errors.ts';
import type { RunAction } from './actions.ts';
import { closeActivity, openActivity } from './activities.ts';
import { findBindings } from './bindings.ts';
import type { CompanyAmounts } from './company-amount.ts';
import type { CrmContext } from './deps.ts';
import { flagDuplicate } from './duplicate-partner.ts';
import { orderFacts } from './facts.ts';
import { html } from './html.ts';
import { externalId } from './ids.ts';
import { leaveNote } from './note-rows.ts';
import { abandonedActivity, openOpportunity } from './opportunity.ts';
import { MAKING_MS, MOVING_MS, withOpportunity } from './opportunity-lease.ts';
import {
  dueOpportunities,
  giveUpAbandoned,
  type OpportunityRow,
  postponeOpportunity,
  readOpportunity,
  recordLooked,
  recordShown,
} from './opportunity-rows.ts';
import { ensurePartners } from './partners.ts';
import { resolveXmlid } from './resolve-xmlid.ts';
import { settleDuplicates } from './settle-duplicates.ts';
import { fill } from './values.ts';

interface SweepDeps {
  readonly deps: CrmContext;
  readonly runAction: RunAction;
  readonly amounts: CompanyAmounts;
}

export interface SweepOptions {
  readonly catalogue: Catalogue;
  /** Lets a call through when the ERP can be reached and is ours. */
  readonly guard: <T>(call: () => Promise<T>) => Promise<T>;
}

const BATCH = 50;
const DAY_MS = 86_400_000;
// An ERP that is back should show its sales soon; while it is away the breaker keeps the calls from it.
const RETRY_MS = 5_000;
// What only a person can mend (a mapping, a right, a record that is gone).
const REFUSED_RETRY_MS = 600_000;

/** One pass over what the ERP does not show yet; what fails comes again by itself and keeps no other waiting. */
export async function sweepOpportunities(sweep: SweepDeps, options: SweepOptions): Promise<void> {
  const { db, now, mapping, log } = sweep.deps;
  const before = new Date(now().getTime() - mapping.abandoned.lostAfterDays * DAY_MS);
  await giveUpAbandoned(db, { before, now: now() });
  for (;;) {
    const due = await dueOpportunities(db, now(), BATCH);
    if (due.length === 0) return settleDuplicates(sweep.deps, options);
    for (const row of due) {
      try {
        const done = await options.guard(() => show(sweep, options, row));
        if (!done) await postponeOpportunity(db, row.orderId, new Date(now().getTime() + RETRY_MS));
      } catch (thrown) {
        const error = asConnectorError(thrown);
        const passing = error.kind === 'retryable';
        const ms = error.retryAfterMs ?? (passing ? RETRY_MS : REFUSED_RETRY_MS);
        await postponeOpportunity(db, row.orderId, new Date(now().getTime() + ms));
        log.warn({ err: error, orderId: row.orderId }, 'the ERP does not show an order’s opportunity yet');
      }
    }
  }
}

/** @returns false when another process is at it */
async function show(sweep: SweepDeps, options: SweepOptions, row: OpportunityRow): Promise<boolean> {
  const { deps } = sweep;
  const { orderId } = row;
  const moving = row.wanted === 'lost' || row.shown === 'lost';
  const hold = { orderId, forMs: moving ? MOVING_MS : MAKING_MS, wait: false };
  const done = await withOpportunity(deps, hold, async () => {
    // As it is now that nobody else writes: a payment may have come first.
    const now = await readOpportunity(deps.db, orderId, deps.now());
    const order = await readOrder(deps.db, { orderId, catalogue: options.catalogue });
    if (now.wanted !== 'paid' && now.shownVersion < now.version) await SHOW[now.wanted](sweep, now, order);
    if (order === undefined) await recordLooked(deps.db, orderId, deps.now());
    else if (now.lookedAt === null) await flagDuplicate(deps, sweep.runAction, order);
    return true;
  });
  return done === true;
}

type Show = (sweep: SweepDeps, row: OpportunityRow, order: OrderedSale | undefined) => Promise<void>;

const SHOW: Readonly<Record<'open' | 'abandoned' | 'lost', Show>> = {
  async open(sweep, row, order) {
    if (order === undefined) return settle(sweep, row);
    await open(sweep, row, order);
    await closeActivity(sweep.deps, { key: abandonedActivity(row.orderId) });
    await settle(sweep, row);
  },

  async abandoned(sweep, row, order) {
    if (order === undefined) return settle(sweep, row);
    const { deps, runAction } = sweep;
    const resId = await open(sweep, row, order);
    const { summary, note } = deps.mapping.abandoned.activity;
    const facts = orderFacts(order);
    await openActivity(deps, runAction, {
      model: deps.mapping.records.opportunity.model,
      resId,
      key: abandonedActivity(row.orderId),
      summary: fill(summary, facts),
      note: html`<p>${fill(note, facts)}</p>`,
    });
    await settle(sweep, row);
  },

  async lost(sweep, row) {
    const { deps } = sweep;
    await closeActivity(deps, { key: abandonedActivity(row.orderId) });
    const resId = await openLead(deps, row.orderId);
    if (resId !== undefined) {
      await deps.odoo.call(deps.mapping.records.opportunity.model, 'action_set_lost', {
        ids: [resId],
        lost_reason_id: await lostReason(deps),
      });
    }
    await settle(sweep, row);
  },
};

async function open(sweep: SweepDeps, row: OpportunityRow, order: OrderedSale): Promise<number> {
  const { deps, amounts } = sweep;
  // Waits for the record: left first, it stands before what a quick payment tells.
  await leaveNote(deps.db, {
    record: externalId.opportunity(order.orderId),
    model: deps.mapping.records.opportunity.model,
    key: 'opened',
    html: html`<p>Order ${order.orderId}: payment page opened for ${order.planName}, project ${order.project.code} ${order.project.name}.</p>`,
  });
  // The stakeholders come with the payment: until then they are nobody's customers.
  const { companyId } = await ensurePartners(deps, { ...order, stakeholders: [] });
  const id = await openOpportunity(deps, amounts, order, { companyId });
  // Lost by us: the customer is back. Repeated, it changes nothing.
  if (row.shown === 'lost')
    await deps.odoo.call(deps.mapping.records.opportunity.model, 'action_unarchive', { ids: [id] });
  return id;
}

/** The opportunity if it is still open: what staff have won, lost or deleted is theirs to judge. */
async function openLead(deps: CrmContext, orderId: number): Promise<number | undefined> {
  const name = externalId.opportunity(orderId);
  const resId = (await findBindings(deps.db, [name])).get(name)?.resId;
  if (resId == null) return undefined;
  const open = await deps.odoo.call<number[]>(deps.mapping.records.opportunity.model, 'search', {
    domain: [
      ['id', '=', resId],
      ['stage_id.is_won', '=', false],
    ],
  });
  return open[0];
}

/** The company's reason; without one the opportunity is lost all the same. */
async function lostReason(deps: CrmContext): Promise<number | false> {
  return (await resolveXmlid(deps.odoo, deps.mapping.abandoned.lostReason))?.id ?? false;
}

const settle = ({ deps }: SweepDeps, { orderId, version, wanted }: OpportunityRow): Promise<void> =>
  recordShown(deps.db, { orderId, version, shown: wanted });
