import { expect, test } from 'vitest';
import { faultAnswer } from '../../../scripts/sandbox/fault-answers.ts';
import type { FaultKind } from '../../../scripts/sandbox/faults.ts';
import type { HttpSystemName } from '../../../scripts/sandbox/system.ts';

const answer = (system: HttpSystemName, kind: FaultKind, url = '/') =>
  faultAnswer(
    system,
    { system, kind, times: 1 },
    { method: 'POST', url, headers: {}, body: Buffer.alloc(0) },
  );

test.each<[HttpSystemName, string, FaultKind, number, string]>([
  ['stripe', '/v1/customers', 'rate_limited', 429, 'rate_limit'],
  ['stripe', '/v1/customers', 'expired_token', 401, 'api_key_expired'],
  ['b2', '/b2api/v2/b2_list_buckets', 'expired_token', 401, 'expired_auth_token'],
  ['b2', '/b2api/v2/b2_list_buckets', 'rate_limited', 429, 'too_many_requests'],
  ['bep', '/v1/documents/bep', 'permanent', 400, 'invalid_project'],
  // Odoo's JSON-RPC answers 200 whatever happened, JSON-2 with real statuses, XML-RPC with a fault.
  ['odoo', '/jsonrpc', 'expired_token', 200, 'odoo.exceptions.AccessDenied'],
  ['odoo', '/jsonrpc', 'server_error', 200, 'psycopg2.errors.SerializationFailure'],
  ['odoo', '/json/2/res.partner/create', 'expired_token', 401, 'werkzeug.exceptions.Unauthorized'],
  ['odoo', '/json/2/res.partner/create', 'permanent', 422, 'odoo.exceptions.ValidationError'],
  ['odoo', '/json/2/res.partner/create', 'server_error', 500, 'psycopg2.errors.SerializationFailure'],
  ['odoo', '/xmlrpc/2/object', 'expired_token', 200, '<int>3</int>'],
  ['odoo', '/xmlrpc/2/object', 'server_error', 200, '<int>1</int>'],
  ['odoo', '/jsonrpc', 'rate_limited', 429, '429 Too Many Requests'],
  ['stripe', '/v1/customers', 'html', 502, '502 Bad Gateway'],
])('%s %s %s is answered with %i and %s', (system, url, kind, status, text) => {
  const { status: given, body } = answer(system, kind, url);
  expect(given).toBe(status);
  expect(body).toContain(text);
});
