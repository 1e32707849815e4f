/** XML-RPC through odoo-await, for hosts that let nothing else through. The library has no time-out. */
import OdooAwait from 'odoo-await';
import { ConnectorError } from '../errors.ts';
import { byException, byFault, byStatus, connectionError } from './classify.ts';
import type { Http } from './http.ts';
import { positional } from './positional.ts';
import { changesNothing, type Transport } from './transport.ts';
import { type OdooVersion, parseVersion } from './version.ts';

export function createXmlRpc(options: {
  url: string;
  db: string;
  username: string;
  apiKey: string;
  readTimeoutMs?: number | undefined;
  writeTimeoutMs?: number | undefined;
}): Transport {
  const client = new OdooAwait({
    baseUrl: options.url,
    db: options.db,
    username: options.username,
    password: options.apiKey,
  });
  let login: Promise<number> | undefined;
  const readMs = options.readTimeoutMs ?? 30_000;
  const writeMs = options.writeTimeoutMs ?? 120_000;
  return {
    async call(call) {
      login ??= within(readMs, client.connect());
      try {
        await login;
      } catch (thrown) {
        login = undefined;
        throw classified(thrown);
      }
      const [args, named] = positional(call);
      try {
        const ms = changesNothing(call) ? readMs : writeMs;
        return await within(ms, client.execute_kw(call.model, call.method, [args, named]));
      } catch (thrown) {
        if (returnedNone(thrown)) return undefined;
        throw classified(thrown);
      }
    },
  };
}

/**
 * A method that returns None (`action_set_lost`, `action_unarchive`) ends in a fault: Python's `xmlrpc.client` cannot
 * write None into the answer. By then the method has run and its work is committed (measured on Odoo 17, 18 and 19).
 */
function returnedNone(thrown: unknown): boolean {
  const { faultCode, faultString } = thrown as { faultCode?: unknown; faultString?: unknown };
  return faultCode === 1 && /\nTypeError: cannot marshal None[^\n]*\s*$/.test(String(faultString));
}

/** `common.version`; odoo-await does not offer it. */
export async function xmlRpcVersion(http: Http): Promise<OdooVersion> {
  const answer = await http.send({
    method: 'POST',
    path: '/xmlrpc/2/common',
    read: true,
    raw: {
      contentType: 'text/xml',
      text: '<?xml version="1.0"?><methodCall><methodName>version</methodName><params/></methodCall>',
    },
  });
  if (answer.status !== 200) throw byStatus(answer);
  return parseVersion(/server_version<\/name>\s*<value>\s*<string>([^<]+)/.exec(answer.text)?.[1]);
}

function classified(thrown: unknown): ConnectorError {
  if (thrown instanceof ConnectorError) return thrown;
  // odoo-await rejects with a bare text in one case only: `authenticate` answered false.
  if (typeof thrown === 'string') {
    return byException({ name: 'odoo.exceptions.AccessDenied', message: 'login or key not accepted' });
  }
  const { faultCode, faultString, res } = thrown as {
    faultCode?: unknown;
    faultString?: unknown;
    res?: { statusCode?: number; headers?: Record<string, string | undefined> };
  };
  if (faultCode !== undefined) return byFault({ code: Number(faultCode), text: String(faultString) });
  if (res?.statusCode !== undefined) {
    return byStatus({
      status: res.statusCode,
      contentType: res.headers?.['content-type'] ?? '',
      retryAfter: res.headers?.['retry-after'],
    });
  }
  return connectionError(thrown);
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(connectionError({ code: 'ETIMEDOUT' })), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
