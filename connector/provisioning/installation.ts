/**
 * An installation knows its partners: the Stripe account, ERP database and B2 account of its first start.
 * Another one later is refused before anything is written to it.
 */
import type { Database, Tx } from '../db/database.ts';
import { ConnectorError } from '../errors.ts';

type Partner = 'stripe' | 'odoo' | 'b2';

/** How an outside system says which account it is. */
interface Identity {
  /** Only looks. */
  readonly read: () => Promise<string>;
  /**
   * Binds it to this installation, where it can be bound; called once it is known not to be another's.
   * @returns the highest number in our external ids there, an earlier installation's included
   */
  readonly claim?: (installation: string) => Promise<{ numbersTakenTo: number }>;
}

export type Identities = Readonly<Record<Partner, Identity>>;

export interface Installation {
  readonly uuid: string;
  /** Resolves once the system is known to be ours; asks it only once. @throws ConnectorError permanent `another_account` */
  verify(system: Partner): Promise<void>;
}

const COLUMN: Readonly<Record<Partner, string>> = {
  stripe: 'stripe_account',
  odoo: 'odoo_database_uuid',
  b2: 'b2_account',
};

const WHAT: Readonly<Record<Partner, { what: string; setting: string }>> = {
  stripe: { what: 'Stripe account', setting: 'STRIPE_SECRET_KEY' },
  odoo: { what: 'Odoo database', setting: 'ODOO_URL and ODOO_DB' },
  b2: { what: 'Backblaze account', setting: 'B2_APPLICATION_KEY_ID' },
};

export async function openInstallation(deps: {
  db: Database;
  identities: Identities;
}): Promise<Installation> {
  await deps.db.query('insert into installation (id) values (1) on conflict do nothing');
  const found = await deps.db.query<{ uuid: string }>('select uuid from installation');
  const uuid = found.rows[0]!.uuid;
  const verified = new Map<Partner, Promise<void>>();

  async function check(system: Partner): Promise<void> {
    const column = COLUMN[system];
    const { read, claim } = deps.identities[system];
    const actual = await read();
    const known = await stored(column);
    if (known !== null && known !== actual) throw anotherAccount(system, { known, actual });
    const claimed = await claim?.(uuid);
    const kept = await deps.db.tx(async (tx) => {
      const before = await tx.query<{ known: string | null }>(
        `select ${column} as known from installation for update`,
      );
      if (before.rows[0]!.known !== null) return before.rows[0]!.known;
      if (claimed !== undefined && claimed.numbersTakenTo > 0) await countAbove(tx, claimed.numbersTakenTo);
      await tx.query(`update installation set ${column} = $1`, [actual]);
      return actual;
    });
    // Two first starts at once with different settings: the second is the stranger.
    if (kept !== actual) throw anotherAccount(system, { known: kept, actual });
  }

  async function stored(column: string): Promise<string | null> {
    const found = await deps.db.query<{ known: string | null }>(
      `select ${column} as known from installation`,
    );
    return found.rows[0]!.known;
  }

  return {
    uuid,
    verify(system) {
      const running = verified.get(system) ?? check(system);
      verified.set(system, running);
      // A failure is not remembered: an unreachable system is asked again next time.
      running.catch(() => verified.delete(system));
      return running;
    },
  };
}

function anotherAccount(
  system: Partner,
  { known, actual }: { known: string; actual: string },
): ConnectorError {
  const { what, setting } = WHAT[system];
  return new ConnectorError({
    kind: 'permanent',
    code: 'another_account',
    system,
    message: `this database belongs to ${what} ${known}, but the settings name ${actual}`,
    advice: `Set ${setting} back, or start with a new database: nothing was written.`,
  });
}

// Whose numbers stand in external ids.
const NUMBERED = ['organisations', 'projects', 'stakeholders', 'orders', 'subscriptions'] as const;

/**
 * An ERP that served an earlier database holds records named after its numbers: counting from 1 again would write a new
 * customer over an old one.
 */
async function countAbove(tx: Tx, taken: number): Promise<void> {
  for (const table of NUMBERED) {
    const clash = await tx.query(`select 1 from ${table} where id <= $1 limit 1`, [taken]);
    if (clash.rowCount > 0) throw numbersTaken(taken);
    await tx.query(`select setval(pg_get_serial_sequence('${table}', 'id'), $1)`, [taken]);
  }
}

const numbersTaken = (taken: number): ConnectorError =>
  new ConnectorError({
    kind: 'permanent',
    code: 'erp_numbers_taken',
    system: 'odoo',
    message: `the ERP holds records of an earlier connector database (numbers up to ${taken}), and this database has orders of its own already`,
    advice:
      'Start with a new, empty database while the ERP can be reached; it then counts on above those numbers.',
  });
