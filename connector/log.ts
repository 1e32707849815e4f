/** Structured logs with redaction, and the request id that follows a piece of work from the edge to its last step. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type DestinationStream, type Logger, pino } from 'pino';

export type Log = Logger;

const requestIds = new AsyncLocalStorage<string>();

/** Runs `work` so that every line logged inside carries `requestId`. */
export function withRequestId<T>(requestId: string, work: () => T): T {
  return requestIds.run(requestId, work);
}

/** The request id of the work under way, if any. */
export function currentRequestId(): string | undefined {
  return requestIds.getStore();
}

// Names under which a secret could travel; values are replaced wherever they appear up to two levels deep.
const SECRET_KEYS = [
  'authorization',
  'Authorization',
  'cookie',
  'password',
  'apiKey',
  'applicationKey',
  'secret',
  'token',
  'client_secret',
  'clientSecret',
  'smtpUrl',
  'databaseUrl',
];

// A path token (order, credentials, billing link, ERP nudge) is a key to somebody's data: keep four characters to tell two apart.
const PATH_TOKEN =
  /(\/(?:orders|credentials|acceptance|billing\\?\/login|webhooks\\?\/erp)\\?\/)([\w-]{4})[\w-]{12,}/g;

// Whatever path it was mistyped into: tokens have 43 letters, uuids 36.
const LONG_SEGMENT = /(\/[\w-]{4})[\w-]{36,}/g;

/** A text without the keys that stand in addresses of ours; slashes may be escaped, as in JSON. */
export function maskPathTokens(text: string): string {
  return text.replace(PATH_TOKEN, '$1$2…');
}

/** A URL fit for a log line: tokens in paths and every query value masked. */
export function maskUrl(url: string): string {
  return maskPathTokens(url)
    .replace(LONG_SEGMENT, '$1…')
    .replace(/([?&][^=&]+)=[^&]*/g, '$1=…');
}

/**
 * Makes the process's log: one JSON object a line.
 * @param options.level pino level name; `silent` for tests that do not read logs
 */
export function createLog(options: { level?: string; destination?: DestinationStream } = {}): Log {
  return pino(
    {
      level: options.level ?? 'info',
      base: null,
      redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[redacted]' },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: () => {
        const requestId = requestIds.getStore();
        return requestId === undefined ? {} : { requestId };
      },
      serializers: { err: serializeError },
    },
    options.destination ?? pino.destination({ dest: 2, sync: true }),
  );
}

/** An error as log fields: never its request, config or response objects, which hold credentials (axios). */
function serializeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const fields: Record<string, unknown> = { name: error.name, message: error.message, stack: error.stack };
  for (const key of ['kind', 'code', 'system', 'advice', 'details'] as const) {
    const value = (error as unknown as Record<string, unknown>)[key];
    if (value !== undefined) fields[key] = value;
  }
  if (error.cause instanceof Error) fields.cause = `${error.cause.name}: ${error.cause.message}`;
  return fields;
}
