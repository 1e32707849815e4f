/** What /readyz, /metrics and the console say about this installation, read from its tables. */
import type { Database } from './db/database.ts';
import type { HealthPort } from './http/health.ts';
import type { Metric } from './http/metrics.ts';
import { inboxFigures } from './inbox/figures.ts';
import type { Breakers } from './jobs/breaker.ts';

export interface Figures {
  readonly health: HealthPort;
  /** For operators: everything at once. */
  status(): Promise<Readonly<Record<string, unknown>>>;
}

interface WorkFigures {
  readonly runs: Readonly<Record<string, number>>;
  readonly outbox: { readonly waiting: number; readonly parked: number; readonly oldestSeconds: number };
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
      async metrics() {
        const inbox = await inboxFigures(db, now());
        const work = await workFigures(db, now());
        return [
          gauge('inbox_open_events', 'Events stored and not yet worked on.', inbox.open),
          gauge('inbox_oldest_open_seconds', 'Age of the oldest such event.', inbox.oldestOpenSeconds ?? 0),
          gauge('customers_parked', 'Customers whose sync failed and waits.', inbox.parkedCustomers),
          byLabel('runs', 'Provisioning runs by status.', 'status', work.runs),
          gauge('erp_outbox_waiting', 'ERP writes not yet made.', work.outbox.waiting),
          gauge('erp_outbox_parked', 'ERP writes that wait for a person.', work.outbox.parked),
          gauge(
            'erp_outbox_oldest_seconds',
            'Age of the oldest ERP write not yet made.',
            work.outbox.oldestSeconds,
          ),
          byLabel('system_away', 'Outside systems that cannot be reached (1).', 'system', away(breakers)),
        ];
      },
    },
    async status() {
      return {
        inbox: await inboxFigures(db, now()),
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
  const outbox = await db.query<{ waiting: number; parked: number; oldest: Date | null }>(
    `select count(*) filter (where o.parked_cause is null) as waiting,
            count(*) filter (where o.parked_cause is not null) as parked, min(o.created_at) as oldest
       from erp_outbox o join erp_records r on r.external_id = o.external_id where r.res_id is not null`,
  );
  const { waiting, parked, oldest } = outbox.rows[0]!;
  const oldestSeconds = oldest === null ? 0 : Math.max(0, (now.getTime() - oldest.getTime()) / 1000);
  return {
    runs: Object.fromEntries(runs.rows.map((row) => [row.status, row.n])),
    outbox: { waiting, parked, oldestSeconds },
  };
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
