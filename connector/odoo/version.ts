/** Which Odoo answers. */
import { ConnectorError } from '../errors.ts';
import type { Http } from './http.ts';

export interface OdooVersion {
  /** 17, 18, 19… */
  readonly major: number;
  /** As the server says it: `19.0`, `saas~18.2+e`. */
  readonly text: string;
}

/** `common.version` over JSON-RPC, which needs no login; servers that dropped JSON-RPC answer `GET /web/version`. */
export async function detectVersion(http: Http): Promise<OdooVersion> {
  const answer = await http.send({
    method: 'POST',
    path: '/jsonrpc',
    read: true,
    body: {
      jsonrpc: '2.0',
      method: 'call',
      id: 1,
      params: { service: 'common', method: 'version', args: [] },
    },
  });
  if (answer.status !== 404) {
    const { result } = http.json<{ result?: { server_version?: string } }>(answer);
    return parseVersion(result?.server_version);
  }
  const web = await http.send({ method: 'GET', path: '/web/version', read: true });
  return parseVersion(http.json<{ version?: string }>(web).version);
}

/** @throws ConnectorError permanent `odoo_not_odoo` when there is no number in it */
export function parseVersion(text: string | undefined): OdooVersion {
  const major = Number(/(\d+)/.exec(text ?? '')?.[1]);
  if (!Number.isInteger(major) || text === undefined) {
    throw new ConnectorError({
      kind: 'permanent',
      code: 'odoo_not_odoo',
      system: 'odoo',
      message: 'the server did not tell an Odoo version',
      advice: 'Check ODOO_URL: it must be the address of an Odoo server.',
    });
  }
  return { major, text };
}
