/** One HTTP request to the ERP, with what can go wrong on the way classified. Credentials never leave this file in an error. */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios, { type AxiosResponse } from 'axios';
import { byStatus, connectionError } from './classify.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

export interface Http {
  send(request: {
    method: 'GET' | 'POST';
    path: string;
    /** Nothing is changed by it: the short time-out. */
    read: boolean;
    headers?: Readonly<Record<string, string>>;
    body?: unknown;
    /** Sent as it is, with its content type, instead of `body`. */
    raw?: { contentType: string; text: string };
  }): Promise<HttpAnswer>;
  /** The JSON of an answer. @throws ConnectorError when it is HTML or anything else */
  json<T>(answer: HttpAnswer): T;
  /** `text` without the API key, should the other side have quoted it. */
  mask(text: string): string;
}

export function createHttp(options: {
  url: string;
  secret: string;
  readTimeoutMs: number;
  writeTimeoutMs: number;
}): Http {
  const client = axios.create({
    baseURL: options.url.replace(/\/+$/, ''),
    // Odoo's threaded server closes every connection: a kept one would only be found dead.
    httpAgent: new HttpAgent({ keepAlive: false }),
    httpsAgent: new HttpsAgent({ keepAlive: false }),
    maxRedirects: 0,
    maxBodyLength: Number.POSITIVE_INFINITY,
    maxContentLength: 256 * 1024 * 1024,
    validateStatus: () => true,
    responseType: 'text',
    transformResponse: [(data: unknown) => data],
  });
  return {
    async send({ method, path, read, headers, body, raw }) {
      const payload = raw?.text ?? (body === undefined ? undefined : JSON.stringify(body));
      const ms = read ? options.readTimeoutMs : options.writeTimeoutMs;
      let answer: AxiosResponse<string>;
      try {
        answer = await client.request<string>({
          method,
          url: path,
          timeout: ms,
          // axios' own timeout is of silence on an open connection: a name look-up, a connect or a trickling body
          // without an end would hold one of the few slots for as long as the operating system waits.
          signal: AbortSignal.timeout(ms),
          headers: { 'Content-Type': raw?.contentType ?? 'application/json', ...headers },
          ...(payload !== undefined && { data: payload }),
        });
      } catch (thrown) {
        throw connectionError(thrown);
      }
      return {
        status: answer.status,
        contentType: String(answer.headers['content-type'] ?? ''),
        retryAfter: headerText(answer.headers['retry-after']),
        text: answer.data,
      };
    },
    json<T>(answer: HttpAnswer): T {
      const json = answer.contentType.startsWith('application/json');
      if (!json || BEFORE_ODOO.has(answer.status)) throw byStatus(answer);
      try {
        return JSON.parse(answer.text) as T;
      } catch {
        throw byStatus(answer);
      }
    },
    mask: (text) => text.replaceAll(options.secret, '[key]'),
  };
}

// Statuses of proxies and hosts, never of Odoo itself: their body, even a JSON one, says nothing about the call.
const BEFORE_ODOO: ReadonlySet<number> = new Set([429, 502, 503, 504]);

const headerText = (value: unknown): string | undefined => (value === undefined ? undefined : String(value));
