/** Raw calls to the sandbox's Odoo, so that the tests see its answers as they are on the wire. */
import type { OdooSandbox } from '../../../scripts/sandbox/odoo/index.ts';
import { startTestWorld } from '../../support/sandbox.ts';

export interface RpcError {
  readonly code: number;
  readonly data: { readonly name: string; readonly message: string };
}

export interface RpcAnswer {
  readonly result?: unknown;
  readonly error?: RpcError;
}

export interface Client {
  readonly url: string;
  readonly odoo: OdooSandbox;
  rpc(service: string, method: string, args: unknown[]): Promise<RpcAnswer>;
  /** `execute_kw` as the administrator; throws the answer's error. */
  call<T = never>(model: string, method: string, args?: unknown[], kwargs?: object): Promise<T>;
  /** The exception's name and message of a call that must fail. */
  fails(model: string, method: string, args?: unknown[], kwargs?: object): Promise<RpcError['data']>;
  /** The same client in another user's name. */
  as(uid: number, secret: string): Client;
  json2(
    path: string,
    body: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; type: string; body: never }>;
}

export async function openOdoo(version: 17 | 18 | 19 = 19): Promise<Client> {
  const world = await startTestWorld({ odooVersion: version });
  return client(world.urls.odoo, world.systems.odoo, 2, world.systems.odoo.adminApiKey);
}

function client(url: string, odoo: OdooSandbox, uid: number, secret: string): Client {
  const rpc = async (service: string, method: string, args: unknown[]): Promise<RpcAnswer> => {
    const response = await fetch(`${url}/jsonrpc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', method: 'call', id: 7, params: { service, method, args } }),
    });
    return (await response.json()) as RpcAnswer;
  };
  const execute = (model: string, method: string, args: unknown[] = [], kwargs: object = {}) =>
    rpc('object', 'execute_kw', [odoo.db, uid, secret, model, method, args, kwargs]);
  return {
    url,
    odoo,
    rpc,
    async call<T>(model: string, method: string, args?: unknown[], kwargs?: object) {
      const answer = await execute(model, method, args, kwargs);
      if (answer.error !== undefined)
        throw new Error(`${answer.error.data.name}: ${answer.error.data.message}`);
      return answer.result as T;
    },
    async fails(model, method, args, kwargs) {
      const answer = await execute(model, method, args, kwargs);
      if (answer.error === undefined) throw new Error(`${model}.${method} did not fail`);
      const { name, message } = answer.error.data;
      return { name, message };
    },
    as: (otherUid, otherSecret) => client(url, odoo, otherUid, otherSecret),
    async json2(path, body, headers = {}) {
      const response = await fetch(`${url}/json/2/${path}`, {
        method: 'POST',
        headers: { authorization: `bearer ${secret}`, 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      const type = response.headers.get('content-type') ?? '';
      const text = await response.text();
      return {
        status: response.status,
        type,
        body: (type.includes('json') ? JSON.parse(text) : text) as never,
      };
    },
  };
}

/** A user with a password, of the groups named by external id. */
export function addUser(odoo: Client, login: string, groups: readonly string[]): Client {
  const password = `password of ${login}`;
  const id = groups.includes('base.group_portal')
    ? odoo.odoo.staff.createPortalUser({ login, password })
    : odoo.odoo.staff.createInternalUser({ login, password, groups });
  return odoo.as(id, password);
}
