/** What /readyz, /metrics and the console say about this installation, read from its tables. */
import { type Recurring, recurringNow } from '../billing/revenue.ts';
import type { Database } from '../db/database.ts';
import type { HealthPort } from '../http/health.ts';
import type { Metric } from '../http/metrics.ts';
import { tally } from '../inbox/event-hours.ts';
import { inboxFigures } from '../inbox/figures.ts';
import type { Breakers } from '../jobs/breaker.ts';
import { majorUnits } from '../stripe-money.ts';

export interface Figures {
  readonly health: HealthPort;
  /** For operators: everything at once. */
  status(): Promise<Readonly<Record<string, unknown>>>;
}

interface WorkFigures {
  readonly runs: Readonly<Record<string, number>>;
  /** Records the ERP has not in their newest state. */
  readonly outbox: Backlog;
  /** Notes its chatter does not have yet. */
  readonly notes: Backlog;
}

interface Backlog {
  readonly waiting: number;
  /** Refused by the ERP: a person must act. */
  readonly parked: number;
  /** Age of the oldest that waits. */
  readonly oldestSeconds: number;
}

export function createFigures(deps: { db: Database; breakers: Breakers; now: () => Date }): Figures {
  const { db, breakers, now } = deps;
  return {
    health: {
      async checks() {
        return { database: await databaseAnswers(db) };
      },
      systems: () =>
        Object.fromEntries(
          Object.entries(away(breakers)).map(([system, is]) => [system, is === 0 ? 'reachable' : 'away']),
        ),
      backlog: () => erpBacklog(db, now()),
      async metrics() {
        const inbox = await inboxFigures(db, now());
        const work = await workFigures(db, now());
        const lastDay = await tally(db, now());
        const drifts = await driftFigures(db);
        return [
          gauge('inbox_open_events', 'Events stored and not yet worked on.', inbox.open),
          gauge('inbox_oldest_open_seconds', 'Age of the oldest such event.', inbox.oldestOpenSeconds ?? 0),
          gauge('customers_parked', 'Customers whose sync failed and waits.', inbox.parkedCustomers),
          byLabel('runs', 'Provisioning runs by status.', 'status', work.runs),
          ...backlog('erp_outbox', 'ERP record', work.outbox),
          ...backlog('erp_notes', 'ERP chatter note', work.notes),
          ...recurring(await recurringNow(db)),
          byLabel('events_last_day', 'Stripe’s events of the last 24 whole hours, here and there.', 'where', {
            stripe: lastDay.atStripe,
            here: lastDay.here,
          }),
          byLabel('drifts', 'Disagreements the last slow pass found, by severity.', 'severity', drifts),
          byLabel('system_away', 'Outside systems that cannot be reached (1).', 'system', away(breakers)),
        ];
      },
    },
    async status() {
      return {
        inbox: await inboxFigures(db, now()),
        eventsLastDay: await tally(db, now()),
        drifts: await driftFigures(db),
        ...(await workFigures(db, now())),
        systems: breakers.state(),
      };
    },
  };
}

/** True, or why not. */
export async function databaseAnswers(db: Database): Promise<true | string> {
  try {
    await db.query('select 1');
    return true;
  } catch {
    return 'the database does not answer; check DATABASE_URL and the server';
  }
}

async function workFigures(db: Database, now: Date): Promise<WorkFigures> {
  const runs = await db.query<{ status: string; n: number }>(
    'select status, count(*) as n from runs group by status',
  );
  return {
    runs: Object.fromEntries(runs.rows.map((row) => [row.status, row.n])),
    ...(await erpBacklog(db, now)),
  };
}

async function driftFigures(db: Database): Promise<Record<string, number>> {
  const { rows } = await db.query<{ severity: string; n: number }>(
    'select severity, count(*) as n from drifts where resolved_at is null group by severity',
  );
  const found = Object.fromEntries(rows.map((row) => [row.severity, row.n]));
  return { info: 0, warning: 0, critical: 0, ...found };
}

/** How far the ERP is behind. What hangs on a record that nobody has made yet is not late. */
async function erpBacklog(db: Database, now: Date): Promise<Pick<WorkFigures, 'outbox' | 'notes'>> {
  return { outbox: await backlogOf(db, 'erp_outbox', now), notes: await backlogOf(db, 'erp_notes', now) };
}

async function backlogOf(db: Database, table: 'erp_outbox' | 'erp_notes', now: Date): Promise<Backlog> {
  const { rows } = await db.query<{ waiting: number; parked: number; oldest: Date | null }>(
    `select count(*) filter (where w.parked_cause is null) as waiting,
            count(*) filter (where w.parked_cause is not null) as parked,
            min(w.created_at) filter (where w.parked_cause is null) as oldest
       from ${table} w join erp_records r on r.external_id = w.external_id where r.res_id is not null`,
  );
  const { waiting, parked, oldest } = rows[0]!;
  const oldestSeconds =
    oldest === null ? 0 : Math.max(0, Math.round((now.getTime() - oldest.getTime()) / 1000));
  return { waiting, parked, oldestSeconds };
}

function backlog(name: string, what: string, figures: Backlog): Metric[] {
  return [
    gauge(`${name}_waiting`, `${what}s not yet written.`, figures.waiting),
    gauge(`${name}_parked`, `${what}s the ERP refused: they wait for a person.`, figures.parked),
    gauge(`${name}_oldest_seconds`, `Age of the oldest ${what} not yet written.`, figures.oldestSeconds),
  ];
}

function recurring(rows: readonly Recurring[]): Metric[] {
  const labels = ({ currency, planKey }: Recurring) => ({ currency, plan: planKey ?? '' });
  const samples = (of: (row: Recurring) => number) =>
    rows.map((row) => ({ labels: labels(row), value: of(row) }));
  return [
    {
      name: 'monthly_recurring_revenue',
      help: 'What recurs a month, in the currency’s major unit.',
      type: 'gauge',
      samples: samples(({ mrr, currency }) => majorUnits(mrr, currency)),
    },
    {
      name: 'subscriptions_billed',
      help: 'Subscriptions that bring it.',
      type: 'gauge',
      samples: samples(({ subscriptions }) => subscriptions),
    },
  ];
}

function away(breakers: Breakers): Record<string, number> {
  const states = Object.entries(breakers.state());
  return Object.fromEntries(states.map(([system, { state }]) => [system, state === 'closed' ? 0 : 1]));
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, help, type: 'gauge', samples: [{ value }] };
}

function byLabel(
  name: string,
  help: string,
  label: string,
  values: Readonly<Record<string, number>>,
): Metric {
  const samples = Object.entries(values).map(([key, value]) => ({ labels: { [label]: key }, value }));
  return { name, help, type: 'gauge', samples };
}
