/** Fields of a JSON body that may be left out altogether. */
import type { Request } from 'express';
import { jsonBody } from './json-body.ts';
import { requestError } from './problem.ts';

/** Of a request read with `raw`. @throws the 4xx of `jsonBody`, 422 for what is no object */
export function fieldsOf(req: Request): Readonly<Record<string, unknown>> {
  if (!Buffer.isBuffer(req.body) || req.body.length === 0) return {};
  const value = jsonBody(req);
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw requestError('invalid_request', 'Send one JSON object.');
}
