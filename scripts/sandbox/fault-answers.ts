/** What each system answers when it is told to fail, in its own shape. */
import type { Fault } from './faults.ts';
import type { BufferedRequest, HttpSystemName } from './system.ts';

export interface FaultAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type AnsweringKind = 'rate_limited' | 'server_error' | 'expired_token' | 'permanent';

interface Failure {
  readonly kind: AnsweringKind;
  readonly request: BufferedRequest;
}

const STATUS: Record<AnsweringKind, number> = {
  rate_limited: 429,
  server_error: 500,
  expired_token: 401,
  permanent: 400,
};

/** The answer for a fault that answers at all. */
export function faultAnswer(system: HttpSystemName, fault: Fault, request: BufferedRequest): FaultAnswer {
  if (fault.kind === 'html') return htmlAnswer();
  const kind = fault.kind as AnsweringKind;
  const shaped = SHAPES[system]({ kind, request });
  const retryAfter: Record<string, string> =
    kind === 'rate_limited' ? { 'retry-after': String(fault.retryAfterSeconds ?? 1) } : {};
  return {
    status: shaped.status ?? STATUS[kind],
    headers: { 'content-type': shaped.type ?? 'application/json', ...retryAfter },
    body: typeof shaped.body === 'string' ? shaped.body : JSON.stringify(shaped.body),
  };
}

interface Shaped {
  readonly status?: number;
  readonly type?: string;
  readonly body: unknown;
}

const SHAPES: Record<HttpSystemName, (failure: Failure) => Shaped> = {
  stripe: ({ kind }) => ({ body: { error: STRIPE_ERRORS[kind] } }),
  odoo: odooAnswer,
  b2: ({ kind }) => ({ body: { status: STATUS[kind], ...B2_ERRORS[kind] } }),
  rdap: ({ kind }) => ({ body: { errorCode: STATUS[kind], title: 'the registry was told to fail' } }),
  bep: ({ kind }) => ({ body: { code: BEP_CODES[kind], message: 'the engine was told to fail' } }),
};

const STRIPE_ERRORS: Record<AnsweringKind, Record<string, string>> = {
  rate_limited: {
    type: 'invalid_request_error',
    code: 'rate_limit',
    message: 'Request rate limit exceeded.',
  },
  server_error: { type: 'api_error', message: 'An unknown error occurred' },
  expired_token: {
    type: 'invalid_request_error',
    code: 'api_key_expired',
    message: 'Expired API Key provided: sk_test_***',
  },
  permanent: {
    type: 'invalid_request_error',
    code: 'parameter_invalid_string',
    message: 'The request was refused.',
  },
};

const B2_ERRORS: Record<AnsweringKind, { code: string; message: string }> = {
  rate_limited: { code: 'too_many_requests', message: 'Rate limit exceeded' },
  server_error: { code: 'internal_error', message: 'An unexpected error occurred' },
  expired_token: { code: 'expired_auth_token', message: 'Authorization token has expired' },
  permanent: { code: 'bad_request', message: 'The request was refused' },
};

const BEP_CODES: Record<AnsweringKind, string> = {
  rate_limited: 'rate_limited',
  server_error: 'internal_error',
  expired_token: 'unauthorized',
  permanent: 'invalid_project',
};

/**
 * JSON-2 answers with real statuses, XML-RPC with a fault, JSON-RPC always with 200 and an error object (measured on
 * 17–19); a 429 comes from the proxy in front of Odoo and is the same for all three.
 */
function odooAnswer({ kind, request }: Failure): Shaped {
  if (kind === 'rate_limited')
    return { type: 'text/html', body: '<html><h1>429 Too Many Requests</h1></html>' };
  const { name, message } = ODOO_ERRORS[kind];
  if (request.url.startsWith('/json/2')) {
    const json2Name = kind === 'expired_token' ? 'werkzeug.exceptions.Unauthorized' : name;
    const text = kind === 'expired_token' ? 'Invalid apikey' : message;
    const status = kind === 'permanent' ? 422 : STATUS[kind];
    return { status, body: { name: json2Name, message: text, arguments: [text], context: {}, debug: '' } };
  }
  if (request.url.startsWith('/xmlrpc')) {
    const code = kind === 'expired_token' ? 3 : kind === 'permanent' ? 2 : 1;
    return { status: 200, type: 'text/xml', body: xmlFault(code, message) };
  }
  const data = { name, debug: '', message, arguments: [message], context: {} };
  return {
    status: 200,
    body: { jsonrpc: '2.0', id: null, error: { code: 200, message: 'Odoo Server Error', data } },
  };
}

const ODOO_ERRORS: Record<Exclude<AnsweringKind, 'rate_limited'>, { name: string; message: string }> = {
  server_error: {
    name: 'psycopg2.errors.SerializationFailure',
    message: 'could not serialize access due to concurrent update',
  },
  expired_token: { name: 'odoo.exceptions.AccessDenied', message: 'Access Denied' },
  permanent: { name: 'odoo.exceptions.ValidationError', message: 'The record was refused' },
};

const xmlFault = (code: number, text: string) =>
  `<?xml version='1.0'?><methodResponse><fault><value><struct><member><name>faultCode</name><value><int>${code}</int></value></member><member><name>faultString</name><value><string>${text}</string></value></member></struct></value></fault></methodResponse>`;

function htmlAnswer(): FaultAnswer {
  return {
    status: 502,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: '<!doctype html><html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>',
  };
}
