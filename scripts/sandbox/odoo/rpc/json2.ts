/** `POST /json/2/<model>/<method>` of Odoo 19: bearer key, named arguments, real statuses, bare results. */
import type { ServerResponse } from 'node:http';
import type { ReplayedRequest } from '../../system.ts';
import { OdooError } from '../errors.ts';
import type { Env, Erp, Method, Model } from '../orm/types.ts';
import { asOdooError, describeError, sendHtml, sendJson } from './answer.ts';
import { userOfKey } from './authenticate.ts';
import { aliasOf, callMethod, findMethod, methodOf, toIds } from './dispatch.ts';
import { parse } from './jsonrpc.ts';

/** An error of the web layer, with its status. */
class HttpError extends OdooError {
  readonly status: number;
  constructor(status: number, name: string, message: string) {
    super(`werkzeug.exceptions.${name}`, message);
    this.status = status;
  }
}

const STATUS: Readonly<Record<string, number>> = {
  'odoo.exceptions.AccessDenied': 403,
  'odoo.exceptions.AccessError': 403,
  'odoo.exceptions.LockError': 409,
  'odoo.exceptions.MissingError': 404,
  'odoo.exceptions.RedirectWarning': 422,
  'odoo.exceptions.UserError': 422,
  'odoo.exceptions.ValidationError': 422,
};

export function serveJson2(deps: { erp: Erp; log: (line: string) => void }) {
  const { erp, log } = deps;
  return (req: ReplayedRequest, res: ServerResponse, path: string): void => {
    const wanted = req.headers['x-odoo-database'];
    if (wanted !== undefined && wanted !== erp.db)
      return void sendHtml(res, 404, '<!DOCTYPE html>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n');
    try {
      sendJson(res, 200, answer(erp, req, path) ?? null);
    } catch (thrown) {
      const error = asOdooError(thrown, log);
      if (error instanceof HttpError && error.status === 415)
        return void sendHtml(res, 415, '<!doctype html>\n<title>415 Unsupported Media Type</title>\n');
      const status = error instanceof HttpError ? error.status : (STATUS[error.exception] ?? 500);
      const body = describeError(error);
      if (error instanceof HttpError) body.arguments = [error.message, status] as never;
      sendJson(res, status, body, status === 401 ? { 'www-authenticate': 'Bearer ' } : {});
    }
  };
}

function answer(erp: Erp, req: ReplayedRequest, path: string): unknown {
  const [modelName, methodName, ...more] = path.split('/');
  if (req.method !== 'POST' || !modelName || !methodName || more.length > 0)
    throw new HttpError(404, 'NotFound', 'Did you mean POST /json/2/<model>/<method>?');
  if (!/^application\/json\b/.test(req.headers['content-type'] ?? ''))
    throw new HttpError(415, 'UnsupportedMediaType', 'Unsupported Media Type');
  const env: Env = { erp, uid: authorise(erp, req.headers.authorization), su: false, context: {} };
  const parsed = req.rawBody.length === 0 ? {} : parse(req.rawBody);
  if (parsed === undefined)
    throw new HttpError(
      400,
      'BadRequest',
      'could not parse the body as json: Expecting value: line 1 column 1 (char 0)',
    );
  const body = (
    typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : {}
  ) as Record<string, unknown>;
  const model = erp.registry.find(modelName);
  if (model === undefined) throw new HttpError(404, 'NotFound', `the model '${modelName}' does not exist`);
  if (!methodName.startsWith('_') && methodOf(erp, model, methodName) === undefined)
    throw new HttpError(404, 'NotFound', `The method '${modelName}.${methodName}' does not exist`);
  return run({ env, model, name: methodName, method: findMethod(erp, model, methodName), body });
}

function authorise(erp: Erp, header: string | undefined): number {
  const key = /^bearer\s+(\S+)\s*$/i.exec(header ?? '')?.[1];
  if (key === undefined)
    throw new HttpError(
      401,
      'Unauthorized',
      'User not authenticated, use an API Key with a Bearer Authorization header.',
    );
  const uid = userOfKey(erp, key);
  if (uid === undefined) throw new HttpError(401, 'Unauthorized', 'Invalid apikey');
  return uid;
}

function run(input: {
  env: Env;
  model: Model;
  name: string;
  method: Method;
  body: Record<string, unknown>;
}): unknown {
  const { env, model, name, method, body } = input;
  const { ids, context, ...named } = body;
  if (method.onModel === true && ids !== undefined && toIds(ids).length > 0)
    throw new HttpError(422, 'UnprocessableEntity', `cannot call ${model.name}.${name} with ids`);
  const args: Record<string, unknown> = {};
  for (const [given, value] of Object.entries(named)) {
    const param = aliasOf(method, given);
    if (param === undefined)
      throw new HttpError(422, 'UnprocessableEntity', `got an unexpected keyword argument '${given}'`);
    args[param] = value;
  }
  for (const param of method.params.slice(0, method.required ?? 0))
    if (!(param in args))
      throw new HttpError(422, 'UnprocessableEntity', `missing a required argument: '${param}'`);
  const result = callMethod({
    env: { ...env, context: (context ?? {}) as Record<string, unknown> },
    model,
    method,
    ids: toIds(ids),
    args,
  });
  // Recordsets come as lists: a create of one is a list of one.
  return name === 'create' && typeof result === 'number' ? [result] : result;
}
