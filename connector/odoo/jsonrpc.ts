/** JSON-RPC, every version up to 21: one endpoint, HTTP 200 whatever happens, the exception's name in `error.data.name`. */
import { ConnectorError } from '../errors.ts';
import { byException, byStatus } from './classify.ts';
import type { Http } from './http.ts';
import { positional } from './positional.ts';
import { changesNothing, type Transport } from './transport.ts';

interface Envelope {
  readonly result?: unknown;
  readonly error?: { readonly message?: string; readonly data?: { name?: string; message?: string } };
}

export function createJsonRpc(
  account: { db: string; username: string; apiKey: string },
  http: Http,
): Transport {
  let uid: Promise<number> | undefined;

  async function rpc(
    service: string,
    method: string,
    args: readonly unknown[],
    read: boolean,
  ): Promise<unknown> {
    const answer = await http.send({
      method: 'POST',
      path: '/jsonrpc',
      read,
      body: { jsonrpc: '2.0', method: 'call', id: 1, params: { service, method, args } },
    });
    const body = http.json<Envelope>(answer);
    if (answer.status !== 200) throw byStatus(answer);
    if (body.error === undefined) return body.result;
    const { name = 'unknown', message = body.error.message ?? '' } = body.error.data ?? {};
    throw byException({ name, message: http.mask(message) });
  }

  async function authenticate(): Promise<number> {
    const found = await rpc(
      'common',
      'authenticate',
      [account.db, account.username, account.apiKey, {}],
      true,
    );
    // A wrong password is no error but `false`.
    if (typeof found === 'number') return found;
    throw byException({ name: 'odoo.exceptions.AccessDenied', message: 'login or key not accepted' });
  }

  return {
    async call(call) {
      uid ??= authenticate();
      const user = await uid.catch((thrown: unknown) => {
        uid = undefined;
        throw thrown;
      });
      const [args, named] = positional(call);
      try {
        return await rpc(
          'object',
          'execute_kw',
          [account.db, user, account.apiKey, call.model, call.method, args, named],
          changesNothing(call),
        );
      } catch (thrown) {
        // The user behind the login may have been replaced: look it up again next time.
        if (thrown instanceof ConnectorError && thrown.code === 'odoo_authentication') uid = undefined;
        throw thrown;
      }
    },
  };
}
