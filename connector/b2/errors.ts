/** Backblaze's errors by HTTP status and `code` ("Native API Error Handling and Status Codes"); never by message. */
import { ConnectorError, type ErrorKind } from '../errors.ts';
import { networkFailure, retryAfterMs } from '../errors-network.ts';

interface Rule {
  /** A status, or the first digit of a class of them. */
  readonly status: number;
  /** Backblaze's code; left out: any. */
  readonly b2Code?: string;
  readonly kind: ErrorKind;
  readonly code: string;
  readonly advice: string;
  readonly effectUnknown?: boolean;
}

const KEY_ADVICE =
  'Check B2_APPLICATION_KEY_ID and B2_APPLICATION_KEY: the key needs listBuckets, writeBuckets, listKeys, writeKeys, deleteKeys, listFiles, writeFiles, deleteFiles and deleteBuckets on the whole account.';
const CAP_ADVICE = 'Raise the cap under "Caps & Alerts" in the Backblaze console, then retry.';

// The first that fits counts; 4xx and 5xx close the table.
const RULES: readonly Rule[] = [
  {
    status: 400,
    b2Code: 'duplicate_bucket_name',
    kind: 'conflict',
    code: 'b2_bucket_name_taken',
    advice: 'Somebody else owns a bucket of this name: the next attempt takes another suffix.',
  },
  {
    status: 400,
    b2Code: 'too_many_buckets',
    kind: 'permanent',
    code: 'b2_bucket_limit',
    advice:
      'The account has as many buckets as Backblaze allows: delete unused ones or ask Backblaze for more.',
  },
  {
    status: 400,
    b2Code: 'bad_bucket_id',
    kind: 'absent',
    code: 'b2_bucket_gone',
    advice: 'The bucket was deleted at Backblaze: what it held is lost, a new run makes a new one.',
  },
  {
    status: 400,
    b2Code: 'cannot_delete_non_empty_bucket',
    kind: 'conflict',
    code: 'b2_bucket_not_empty',
    advice: 'Somebody wrote into the bucket while it was being emptied: retry the run.',
  },
  {
    status: 400,
    b2Code: 'file_not_present',
    kind: 'absent',
    code: 'b2_file_gone',
    advice: 'The file was deleted at Backblaze meanwhile.',
  },
  {
    status: 401,
    b2Code: 'expired_auth_token',
    kind: 'retryable',
    code: 'b2_token_expired',
    advice: 'Backblaze ended the session twice in a row; it is tried again.',
  },
  {
    status: 401,
    b2Code: 'bad_auth_token',
    kind: 'retryable',
    code: 'b2_token_expired',
    advice: 'Backblaze ended the session twice in a row; it is tried again.',
  },
  { status: 401, kind: 'permanent', code: 'b2_unauthorized', advice: KEY_ADVICE },
  { status: 403, b2Code: 'cap_exceeded', kind: 'permanent', code: 'b2_cap_exceeded', advice: CAP_ADVICE },
  {
    status: 403,
    b2Code: 'storage_cap_exceeded',
    kind: 'permanent',
    code: 'b2_cap_exceeded',
    advice: CAP_ADVICE,
  },
  {
    status: 403,
    b2Code: 'transaction_cap_exceeded',
    kind: 'permanent',
    code: 'b2_cap_exceeded',
    advice: CAP_ADVICE,
  },
  { status: 403, kind: 'permanent', code: 'b2_forbidden', advice: KEY_ADVICE },
  {
    status: 404,
    kind: 'absent',
    code: 'b2_not_found',
    advice: 'The bucket, key or file is gone: restore it or run the storage step anew.',
  },
  {
    status: 408,
    kind: 'retryable',
    code: 'b2_request_timeout',
    advice: 'Backblaze waited too long for the request; it is tried again.',
  },
  {
    status: 429,
    kind: 'retryable',
    code: 'b2_rate_limited',
    advice: 'Backblaze asked us to slow down; work goes on by itself.',
  },
  {
    status: 503,
    kind: 'retryable',
    code: 'b2_unavailable',
    advice: 'Backblaze is busy; it is tried again. If it stays, look at status.backblaze.com.',
  },
  {
    status: 5,
    kind: 'retryable',
    code: 'b2_server_error',
    advice: 'Backblaze had an internal error; it is tried again. If it stays, look at status.backblaze.com.',
    effectUnknown: true,
  },
  {
    status: 4,
    kind: 'permanent',
    code: 'b2_bad_request',
    advice: 'Backblaze refused the request: see its message; a name or a setting does not suit it.',
  },
];

interface HttpAnswer {
  readonly status: number;
  readonly data?: unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/**
 * Anything a call of backblaze-b2 threw, classified. Axios errors hold the Authorization header (on authorize even the
 * application key), so the cause that is kept is a bare copy of name and code.
 * @param operation e.g. `b2_create_bucket`
 */
export function classifyB2(thrown: unknown, operation: string): ConnectorError {
  if (thrown instanceof ConnectorError) return thrown;
  const answer = (thrown as { response?: HttpAnswer } | null)?.response;
  if (answer !== undefined) return fromAnswer(answer, operation);
  const failure = networkFailure(thrown);
  const code =
    thrown instanceof Error ? String((thrown as { code?: unknown }).code ?? thrown.name) : 'unknown';
  const cause = new Error(code);
  if (failure === 'unreachable') {
    return new ConnectorError({
      kind: 'retryable',
      code: 'b2_unreachable',
      system: 'b2',
      message: `Backblaze B2 could not be reached for ${operation} (${code})`,
      advice: 'Work waits and goes on by itself. Check the network, B2_API_URL and status.backblaze.com.',
      unreachable: true,
      details: { operation },
      cause,
    });
  }
  if (failure === 'lost') {
    return new ConnectorError({
      kind: 'retryable',
      code: 'b2_no_answer',
      system: 'b2',
      message: `Backblaze B2 gave no answer to ${operation} (${code})`,
      advice: 'It is looked up whether it took effect, then tried again.',
      effectUnknown: true,
      details: { operation },
      cause,
    });
  }
  return new ConnectorError({
    kind: 'bug',
    code: 'b2_unexpected',
    system: 'b2',
    message: `${operation} failed in a way that is not expected (${code})`,
    advice: 'This is a defect of the connector: report it with the log lines of this request id.',
    details: { operation },
    cause,
  });
}

/** The answer of something in between (a proxy's page): nothing is known about the effect. */
export function notJson(operation: string, status: number): ConnectorError {
  return new ConnectorError({
    kind: 'retryable',
    code: 'b2_not_json',
    system: 'b2',
    message: `${operation} was answered with something that is not Backblaze's JSON (status ${status})`,
    advice: 'A proxy or portal answers in place of Backblaze: check the network and B2_API_URL.',
    effectUnknown: true,
    details: { operation, status },
  });
}

function fromAnswer({ status, data, headers }: HttpAnswer, operation: string): ConnectorError {
  const body =
    typeof data === 'object' && data !== null ? (data as { code?: unknown; message?: unknown }) : {};
  const b2Code = typeof body.code === 'string' ? body.code : undefined;
  const rule = RULES.find(
    (r) =>
      (r.status === status || r.status === Math.floor(status / 100)) &&
      (r.b2Code === undefined || r.b2Code === b2Code),
  );
  // No code: not Backblaze speaking. A 429 or 5xx of a gateway means the same as theirs, anything else says nothing.
  if (rule === undefined || (b2Code === undefined && status < 500 && status !== 429))
    return notJson(operation, status);
  const wait = retryAfterMs(headers?.['retry-after'], new Date());
  const message = typeof body.message === 'string' ? body.message.slice(0, 300) : 'no message';
  return new ConnectorError({
    kind: rule.kind,
    code: rule.code,
    system: 'b2',
    message: `Backblaze B2 ${operation}: ${message}`,
    advice: rule.advice,
    ...(wait !== undefined && { retryAfterMs: wait }),
    ...(rule.effectUnknown && { effectUnknown: true }),
    details: { operation, status, b2Code },
  });
}
