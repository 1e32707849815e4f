import { ConnectorError } from '../errors.ts';
import { networkFailure } from '../errors-network.ts';

// SQLSTATE classes (PostgreSQL documentation, appendix A): 08 connection, 53 resources, 57 operator intervention
// (shutdown, statement time-out), 40 serialisation failure and deadlock.
const PASSING = /^(08|53|57|40)/;

/** The database's passing troubles as a retryable error; undefined when this is something else. */
export function databaseTrouble(thrown: unknown): ConnectorError | undefined {
  if (thrown instanceof ConnectorError)
    return thrown.system === 'database' && thrown.kind === 'retryable' ? thrown : undefined;
  const state = String((thrown as { code?: unknown } | null)?.code ?? '');
  const away = networkFailure(thrown) !== null || state.startsWith('08') || state.startsWith('57P');
  if (!away && !(state.length === 5 && PASSING.test(state))) return undefined;
  return trouble(away, thrown);
}

// SQLSTATE: 28 user or password, 3D no such database, 42501 no right to create tables (public's since PostgreSQL 15).
const REFUSED = /^(28|3D|42501)/;

/** Why the service cannot start on this database, as its operator can mend it; undefined when this is something else. */
export function databaseAtStart(thrown: unknown): ConnectorError | undefined {
  const away = databaseTrouble(thrown)?.unreachable ?? false;
  const { code, message } = thrown as { code?: unknown; message?: unknown };
  if (!away && !(typeof code === 'string' && code.length === 5 && REFUSED.test(code))) return undefined;
  return new ConnectorError({
    kind: 'permanent',
    code: away ? 'database_unreachable' : 'database_refused',
    message: away ? 'The database cannot be reached.' : `The database refuses us: ${String(message)}`,
    advice: away
      ? 'Check DATABASE_URL and that PostgreSQL runs there, then start again.'
      : 'Check user, password and database name of DATABASE_URL, and that this user owns the database; then start again.',
    system: 'database',
    cause: thrown,
  });
}

/**
 * pg's own errors about connections (lost, time-out while connecting, none free) carry no code: whatever is neither the
 * server's answer, nor a failed socket, nor a value that could not be written down, is one of them.
 */
export function lostConnection(thrown: unknown): unknown {
  const { code } = thrown as { code?: unknown };
  if (thrown instanceof TypeError || thrown instanceof ConnectorError || typeof code === 'string')
    return thrown;
  return trouble(true, thrown);
}

function trouble(away: boolean, thrown: unknown): ConnectorError {
  return new ConnectorError({
    kind: 'retryable',
    code: away ? 'database_unreachable' : 'database_busy',
    message: away
      ? 'The database cannot be reached.'
      : 'The database could not carry out a statement just now.',
    advice: 'Work goes on by itself; if this lasts, check the database server.',
    system: 'database',
    unreachable: away,
    cause: thrown,
  });
}
