/** The engine's failures by HTTP status; its own words are passed on to the operator, never decided upon. */
import { ConnectorError, type ErrorKind } from '../errors.ts';
import { networkFailure, retryAfterMs } from '../errors-network.ts';
import { pick } from './request-template.ts';

interface Rule {
  /** Lowest and highest status. */
  readonly status: readonly [number, number];
  readonly kind: ErrorKind;
  readonly code: string;
  readonly advice: string;
}

// The first that fits counts. A request may be sent again as it is: its Idempotency-Key brings the same document.
const RULES: readonly Rule[] = [
  {
    status: [401, 403],
    kind: 'permanent',
    code: 'bep_unauthorized',
    advice: 'The document engine does not accept BEP_API_KEY: set a valid key, then retry the run.',
  },
  {
    status: [404, 405],
    kind: 'permanent',
    code: 'bep_no_such_path',
    advice:
      'Check BEP_URL and the paths in mappings/bep.json against the engine’s documentation, then retry the run.',
  },
  { status: [408, 408], kind: 'retryable', code: 'bep_busy', advice: 'It is tried again.' },
  // With the same Idempotency-Key: the first request is still at work.
  {
    status: [409, 409],
    kind: 'retryable',
    code: 'bep_busy',
    advice: 'The engine is still at work; it is asked again.',
  },
  { status: [425, 425], kind: 'retryable', code: 'bep_busy', advice: 'It is tried again.' },
  {
    status: [429, 429],
    kind: 'retryable',
    code: 'bep_rate_limited',
    advice: 'The document engine asked us to slow down; work goes on by itself.',
  },
  {
    status: [500, 599],
    kind: 'retryable',
    code: 'bep_server_error',
    advice: 'The document engine had an internal error; it is tried again. If it stays, ask its operator.',
  },
  {
    status: [300, 499],
    kind: 'permanent',
    code: 'bep_refused',
    advice:
      'The document engine refused the request: correct what its message names (or mappings/bep.json), then retry the run.',
  },
];

/** An answer that is no success. `body` is what came with it, parsed if it was JSON. */
export function refusal(
  answer: { status: number; headers: Headers; body: unknown },
  path: string,
): ConnectorError {
  const { status, headers, body } = answer;
  const rule = RULES.find((r) => status >= r.status[0] && status <= r.status[1]);
  const wait = retryAfterMs(headers.get('retry-after'), new Date());
  return new ConnectorError({
    kind: rule?.kind ?? 'permanent',
    code: rule?.code ?? 'bep_refused',
    system: 'bep',
    message: `The document engine answered ${path} with ${status}${saying(body)}`,
    advice: rule?.advice ?? 'Check BEP_URL and mappings/bep.json.',
    ...(wait !== undefined && { retryAfterMs: wait }),
    details: { path, status },
  });
}

/** What `fetch` threw, classified. */
export function noAnswer(thrown: unknown, path: string): ConnectorError {
  if (thrown instanceof ConnectorError) return thrown;
  const failure = networkFailure(thrown);
  if (failure === 'unreachable') {
    return new ConnectorError({
      kind: 'retryable',
      code: 'bep_unreachable',
      system: 'bep',
      message: `The document engine could not be reached for ${path}`,
      advice: 'Work waits and goes on by itself. Check BEP_URL and that the engine runs.',
      unreachable: true,
      cause: thrown,
    });
  }
  return new ConnectorError({
    kind: failure === null ? 'bug' : 'retryable',
    code: failure === null ? 'bep_unexpected' : 'bep_no_answer',
    system: 'bep',
    message: `The document engine gave no answer to ${path}`,
    advice:
      failure === null
        ? 'This is a defect of the connector: report it with the log lines of this request id.'
        : 'It is asked again with the same Idempotency-Key.',
    effectUnknown: true,
    cause: thrown,
  });
}

/** An engine's own words, wherever engines put them (its `message`, RFC 9457 `detail`, `error.message`). */
function saying(body: unknown): string {
  const text = ['message', 'detail', 'error.message', 'error', 'title']
    .map((path) => pick(body, path))
    .find((value): value is string => typeof value === 'string' && value !== '');
  return text === undefined ? '' : `: ${text.slice(0, 300)}`;
}

export const notAPdf = (path: string, reason: string): ConnectorError =>
  new ConnectorError({
    kind: 'permanent',
    code: 'bep_not_a_pdf',
    system: 'bep',
    message: `The document engine's answer to ${path} is not a PDF: ${reason}`,
    advice: 'Check the answer described in mappings/bep.json and the engine itself, then retry the run.',
    details: { path },
  });

export const tooLarge = (path: string, maxBytes: number): ConnectorError =>
  new ConnectorError({
    kind: 'permanent',
    code: 'bep_too_large',
    system: 'bep',
    message: `The document engine's answer to ${path} is larger than ${maxBytes} bytes`,
    advice: 'Raise limits.maxBytes in mappings/bep.json if such a document is right, then retry the run.',
    details: { path, maxBytes },
  });
