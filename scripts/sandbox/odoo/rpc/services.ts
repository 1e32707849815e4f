/** The services `common` and `object`, the same over JSON-RPC and XML-RPC. */
import { keyError, OdooError, typeError } from '../errors.ts';
import type { Env, Erp, Version } from '../orm/types.ts';
import { authenticate, checkCredentials, checkDatabase } from './authenticate.ts';
import { executeKw } from './dispatch.ts';

export const versionInfo = (version: Version) => ({
  server_version: `${version}.0`,
  server_version_info: [version, 0, 0, 'final', 0, ''],
  server_serie: `${version}.0`,
  protocol_version: 1,
});

/** @throws OdooError; undefined is Python's None. */
export function callService(erp: Erp, service: string, method: string, args: readonly unknown[]): unknown {
  if (service === 'common') return common(erp, method, args);
  if (service === 'object') return object(erp, method, args);
  if (service === 'db' && method === 'list') return [erp.db];
  throw keyError(service);
}

function common(erp: Erp, method: string, args: readonly unknown[]): unknown {
  if (method === 'version') return versionInfo(erp.version);
  if (method === 'authenticate' || method === 'login') {
    const [db, login, secret] = args;
    checkDatabase(erp, db);
    return authenticate(erp, login, secret);
  }
  throw new OdooError('builtins.Exception', `Method not found: ${method}`);
}

function object(erp: Erp, method: string, all: readonly unknown[]): unknown {
  if (method !== 'execute_kw' && method !== 'execute')
    throw new OdooError('builtins.NameError', `Method not available ${method}`);
  if (all.length < 5) throw typeError(`${method}() missing required positional arguments`);
  const [db, uid, secret, model, name, ...rest] = all;
  checkDatabase(erp, db);
  const env: Env = { erp, uid: checkCredentials(erp, uid, secret), su: false, context: {} };
  const [args = [], kwargs = {}] = method === 'execute_kw' ? (rest as [unknown[]?, object?]) : [rest, {}];
  return executeKw(env, {
    model: String(model),
    method: String(name),
    args: args as unknown[],
    kwargs: (kwargs ?? {}) as Record<string, unknown>,
  });
}
