/** The CLI is a client of a running installation: everything goes through its admin API with an operator key. */
import { ConnectorError } from '../../connector/errors.ts';

export interface AdminClient {
  /** @throws ConnectorError permanent `admin_unreachable`, or with the API's own code */
  request<T>(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    options?: { timeoutMs?: number },
  ): Promise<T>;
}

/**
 * @param env CONNECTOR_URL (else PUBLIC_URL, else http://127.0.0.1:PORT) and the first of CONNECTOR_API_KEYS
 */
export function adminClient(env: NodeJS.ProcessEnv): AdminClient {
  const base = addressOf(env).replace(/\/+$/, '');
  const key = operatorKey(env);
  return {
    async request(method, path, body, { timeoutMs = 30_000 } = {}) {
      const answer = await send(`${base}/api/v1/admin${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        signal: AbortSignal.timeout(timeoutMs),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const json = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
      if (answer.ok) return json as never;
      throw new ConnectorError({
        kind: 'permanent',
        code: String(json.code ?? 'admin_error'),
        message: `${answer.status}: ${String(json.detail ?? json.title ?? 'no details')}`,
        ...(typeof json.advice === 'string' && { advice: json.advice }),
      });
    },
  };
}

/** An empty text counts as not set. @throws ConnectorError permanent `config_invalid` */
function addressOf(env: NodeJS.ProcessEnv): string {
  const address = env.CONNECTOR_URL || env.PUBLIC_URL || `http://127.0.0.1:${env.PORT || 8080}`;
  if (/^https?:\/\//.test(address) && URL.canParse(address)) return address;
  throw new ConnectorError({
    kind: 'permanent',
    code: 'config_invalid',
    message: `${env.CONNECTOR_URL ? 'CONNECTOR_URL' : 'PUBLIC_URL'} ("${address}") is no address`,
    advice: 'Set CONNECTOR_URL to where the service runs, e.g. http://127.0.0.1:8080.',
  });
}

function operatorKey(env: NodeJS.ProcessEnv): string {
  const first = env.CONNECTOR_API_KEYS?.split(',')[0]?.trim();
  if (first) return first;
  throw new ConnectorError({
    kind: 'permanent',
    code: 'operator_key_missing',
    message: 'CONNECTOR_API_KEYS is not set',
    advice: 'Set it (or CONNECTOR_API_KEYS_FILE) to one of the keys the running service was given.',
  });
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    throw new ConnectorError({
      kind: 'permanent',
      code: 'admin_unreachable',
      message: `no connector answers at ${new URL(url).origin}`,
      advice: 'Start it, or set CONNECTOR_URL to where it runs.',
      cause: error,
    });
  }
}
