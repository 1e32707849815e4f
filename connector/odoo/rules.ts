/**
 * Every failure of the ERP, as one table (measured on Odoo 17, 18 and 19). The first row that matches decides:
 * by the Python exception's name where the answer has one, else by HTTP status, else by XML-RPC fault code.
 * Odoo's own codes and texts are never used: they differ by version and language.
 */
import type { ErrorKind } from '../errors.ts';

export interface Rule {
  readonly exceptions?: readonly string[];
  readonly statuses?: readonly number[];
  /** odoo/addons/rpc (base before 19) `RPC_FAULT_CODE_*`; 1 carries a traceback whose exception is looked up above. */
  readonly faults?: readonly number[];
  readonly kind: ErrorKind;
  readonly code: string;
  readonly advice: string;
  readonly unreachable?: boolean;
  readonly effectUnknown?: boolean;
}

const BUSY = 'Odoo was busy with the same records; the work is repeated by itself.';

export const RULES: readonly Rule[] = [
  {
    exceptions: [
      'odoo.exceptions.AccessDenied',
      'werkzeug.exceptions.Unauthorized',
      'odoo.http.SessionExpiredException',
    ],
    statuses: [401],
    faults: [3],
    kind: 'permanent',
    code: 'odoo_authentication',
    advice:
      'Odoo does not accept ODOO_USERNAME with ODOO_API_KEY: renew the key with "cli setup erp --renew-key".',
  },
  {
    exceptions: ['odoo.exceptions.AccessError', 'werkzeug.exceptions.Forbidden'],
    statuses: [403],
    faults: [4],
    kind: 'permanent',
    code: 'odoo_access',
    advice: 'The service’s Odoo user lacks a right: run "cli setup erp", or look at record rules made since.',
  },
  {
    exceptions: ['odoo.exceptions.MissingError'],
    kind: 'absent',
    code: 'odoo_missing',
    advice: 'The record was deleted or merged in Odoo: link it again or have it recreated.',
  },
  {
    exceptions: ['odoo.exceptions.ValidationError'],
    kind: 'permanent',
    code: 'odoo_validation',
    advice: 'Odoo refused a value: correct it in the data or in mappings/odoo.json, then retry.',
  },
  {
    exceptions: ['odoo.exceptions.UserError', 'odoo.exceptions.RedirectWarning'],
    faults: [2],
    kind: 'permanent',
    code: 'odoo_refused',
    advice: 'Odoo refused the operation: do what its message says, then retry.',
  },
  {
    exceptions: [
      'psycopg2.errors.SerializationFailure',
      'psycopg2.errors.LockNotAvailable',
      'psycopg2.errors.DeadlockDetected',
      'odoo.exceptions.ConcurrencyError',
      'odoo.exceptions.LockError',
    ],
    statuses: [409],
    kind: 'retryable',
    code: 'odoo_busy',
    advice: BUSY,
  },
  {
    // Raised while a database connection is fetched, before the call ran.
    exceptions: ['psycopg2.pool.PoolError', 'odoo.sql_db.PoolError'],
    kind: 'retryable',
    code: 'odoo_overloaded',
    advice:
      'Odoo has no database connection left; the work is repeated. Raise its db_maxconn if it stays so.',
  },
  {
    exceptions: [
      'psycopg2.OperationalError',
      'psycopg2.InterfaceError',
      'psycopg2.errors.AdminShutdown',
      'psycopg2.errors.CannotConnectNow',
    ],
    kind: 'retryable',
    code: 'odoo_database_unreachable',
    unreachable: true,
    advice: 'Odoo cannot open its database: check ODOO_DB, and that Odoo’s PostgreSQL runs.',
  },
  {
    exceptions: [
      'builtins.ValueError',
      'builtins.KeyError',
      'builtins.TypeError',
      'builtins.AttributeError',
      'werkzeug.exceptions.UnprocessableEntity',
      'werkzeug.exceptions.BadRequest',
    ],
    statuses: [400, 415, 422],
    kind: 'permanent',
    code: 'odoo_bad_call',
    advice: 'This Odoo has no such field, value or argument: compare mappings/odoo.json with its fields.',
  },
  {
    exceptions: ['werkzeug.exceptions.NotFound'],
    statuses: [301, 302, 303, 307, 308, 404, 405],
    kind: 'permanent',
    code: 'odoo_not_found',
    advice: 'Check ODOO_URL, ODOO_DB and ODOO_TRANSPORT, and that the module with this model is installed.',
  },
  {
    statuses: [413],
    kind: 'permanent',
    code: 'odoo_too_large',
    advice: 'A proxy before Odoo limits the size of requests: raise its limit (nginx: client_max_body_size).',
  },
  {
    statuses: [429],
    kind: 'retryable',
    code: 'odoo_rate_limited',
    advice: 'Odoo’s host asked us to slow down; the work goes on by itself.',
  },
  {
    statuses: [502, 503, 504],
    kind: 'retryable',
    code: 'odoo_unreachable',
    unreachable: true,
    // A gateway's 504 may come after the request got through.
    effectUnknown: true,
    advice: 'The proxy before Odoo does not reach it; work waits and goes on by itself.',
  },
  {
    // The threaded server above its limit answers HTML; whether the call ran is not known.
    statuses: [500],
    kind: 'retryable',
    code: 'odoo_server_error',
    effectUnknown: true,
    advice: 'Odoo had an internal error; the work is repeated. If it stays so, see Odoo’s log at this time.',
  },
  {
    // A maintenance or login page of whatever stands before Odoo.
    statuses: [200],
    kind: 'retryable',
    code: 'odoo_not_json',
    effectUnknown: true,
    advice:
      'Odoo answered something that is not JSON: if it stays so, check ODOO_URL and what stands before Odoo.',
  },
];

/** Closed by default: what the table does not know needs a person. */
export const UNKNOWN: Rule = {
  kind: 'permanent',
  code: 'odoo_error',
  advice: 'Odoo failed in a way the connector does not know: see Odoo’s log at this time, then retry.',
};
