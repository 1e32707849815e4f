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
