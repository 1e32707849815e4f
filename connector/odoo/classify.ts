/** Turns what the ERP answered, or did not answer, into a ConnectorError by the table in `rules.ts`. */
import { ConnectorError } from '../errors.ts';
import { networkFailure, retryAfterMs } from '../errors-network.ts';
import { RULES, type Rule, UNKNOWN } from './rules.ts';

/** By the Python exception's full name; `details.exception` keeps it. */
export function byException(input: { name: string; message: string; status?: number }): ConnectorError {
  const rule = RULES.find((candidate) => candidate.exceptions?.includes(input.name)) ?? UNKNOWN;
  return make(rule, firstLines(input.message), {
    exception: input.name,
    ...(input.status !== undefined && { status: input.status }),
  });
}

/** By HTTP status, for an answer that is not JSON. */
export function byStatus(answer: {
  status: number;
  contentType: string;
  retryAfter: string | undefined;
}): ConnectorError {
  const rule = RULES.find((candidate) => candidate.statuses?.includes(answer.status)) ?? UNKNOWN;
  const what = answer.contentType === '' ? 'no content type' : answer.contentType.split(';')[0]!;
  const wait = retryAfterMs(answer.retryAfter, new Date());
  return make(rule, `HTTP ${answer.status} with ${what}`, { status: answer.status }, wait);
}

/**
 * By XML-RPC fault. Fault 1 is "anything else" with a traceback as its text: the exception's name on its last
 * unindented line is the only thing there is to go by.
 */
export function byFault(fault: { code: number; text: string }): ConnectorError {
  const last = fault.text
    .trimEnd()
    .split('\n')
    .findLast((line) => /^[A-Za-z_][\w.]*(?::|$)/.test(line));
  const [, name, message] = /^([\w.]+)(?::\s*(.*))?$/.exec(last ?? '') ?? [];
  if (fault.code === 1 && name !== undefined) {
    return byException({ name: name.includes('.') ? name : `builtins.${name}`, message: message ?? name });
  }
  const rule = RULES.find((candidate) => candidate.faults?.includes(fault.code)) ?? UNKNOWN;
  return make(rule, firstLines(fault.text), { fault: fault.code });
}

// The last is axios' word for our own signal.
const TIMED_OUT: ReadonlySet<string> = new Set(['ECONNABORTED', 'ETIMEDOUT', 'ERR_CANCELED']);

/** For a request that got no answer. Keeps Node's code alone: the thrown error holds headers and body. */
export function connectionError(thrown: unknown): ConnectorError {
  const code = codeOf(thrown);
  if (networkFailure(thrown) === 'unreachable') {
    return new ConnectorError({
      kind: 'retryable',
      code: 'odoo_unreachable',
      system: 'odoo',
      unreachable: true,
      message: `Odoo cannot be reached (${code})`,
      advice: 'Check ODOO_URL and that Odoo runs; work waits and goes on by itself.',
      details: { errno: code },
    });
  }
  const timedOut = TIMED_OUT.has(code);
  return new ConnectorError({
    kind: 'retryable',
    code: timedOut ? 'odoo_timeout' : 'odoo_connection_lost',
    system: 'odoo',
    effectUnknown: true,
    message: timedOut ? 'Odoo did not answer in time' : `the connection to Odoo broke (${code})`,
    advice: 'The work is repeated after looking whether it took effect.',
    details: { errno: code },
  });
}

function make(
  rule: Rule,
  message: string,
  details: Readonly<Record<string, unknown>>,
  wait?: number,
): ConnectorError {
  return new ConnectorError({
    kind: rule.kind,
    code: rule.code,
    system: 'odoo',
    message: `Odoo: ${message}`,
    advice: rule.advice,
    unreachable: rule.unreachable ?? false,
    effectUnknown: rule.effectUnknown ?? false,
    ...(wait !== undefined && { retryAfterMs: wait }),
    details,
  });
}

function codeOf(thrown: unknown): string {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'no code';
}

const firstLines = (text: string): string => text.trim().slice(0, 500);
