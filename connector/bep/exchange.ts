/** One HTTP exchange with the engine, bounded in time and size. */
import { noAnswer, refusal, tooLarge } from './errors.ts';

export interface Answer {
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** POST when there is a body, else GET. @throws ConnectorError classified */
export type Exchange = (request: {
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: unknown;
}) => Promise<Answer>;

// What an error's text may take: the reason, not a page.
const MAX_ERROR_BYTES = 16_384;
// base64 and the JSON around it are a third larger than the document.
const ENCODED = 1.5;

export function createExchange(settings: {
  url: string;
  apiKey?: string | undefined;
  maxBytes: number;
  timeoutMs: number;
}): Exchange {
  const base = settings.url.replace(/\/+$/, '');
  const limit = Math.ceil(settings.maxBytes * ENCODED);
  return async ({ path, headers, body }) => {
    try {
      const response = await fetch(`${base}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          accept: 'application/pdf, application/json',
          ...headers,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(settings.apiKey !== undefined && { authorization: `Bearer ${settings.apiKey}` }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        // A redirect would carry the key elsewhere.
        redirect: 'manual',
        signal: AbortSignal.timeout(settings.timeoutMs),
      });
      if (!response.ok) {
        const { bytes } = await read(response, MAX_ERROR_BYTES);
        throw refusal({ status: response.status, headers: response.headers, body: json(bytes) }, path);
      }
      const { bytes, whole } = await read(response, limit);
      if (!whole) throw tooLarge(path, settings.maxBytes);
      return { contentType: response.headers.get('content-type') ?? 'no content type', bytes };
    } catch (thrown) {
      throw noAnswer(thrown, path);
    }
  };
}

/** JSON of these bytes; undefined when they are none. */
export function json(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** At most `limit` bytes; the rest is never read, whatever Content-Length said. */
async function read(response: Response, limit: number): Promise<{ bytes: Uint8Array; whole: boolean }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > limit) return { bytes: Buffer.concat(chunks), whole: false };
    chunks.push(chunk);
  }
  return { bytes: Buffer.concat(chunks), whole: true };
}
