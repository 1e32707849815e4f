import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ConnectorError } from '../../connector/errors.ts';
import { createLog } from '../../connector/log.ts';
import { createOdoo } from '../../connector/odoo/odoo.ts';
import { breakOff, page, type Scripted, silence, startScripted, xml } from './scripted.ts';

let server: Scripted;
beforeAll(async () => {
  server = await startScripted();
});
beforeEach(() => {
  server.requests.length = 0;
});

const odoo = () =>
  createOdoo({
    url: server.url,
    db: 'd',
    username: 'u',
    apiKey: 'canary-key',
    transport: 'xmlrpc',
    readTimeoutMs: 300,
    writeTimeoutMs: 300,
    log: createLog({ level: 'silent' }),
  });

const value = (inner: string) =>
  xml(`<methodResponse><params><param><value>${inner}</value></param></params></methodResponse>`);
const fault = (code: number, text: string) =>
  xml(
    `<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>${code}</int></value></member>
     <member><name>faultString</name><value><string>${text}</string></value></member></struct></value></fault></methodResponse>`,
  );
const login = value('<int>7</int>');
const write = () => odoo().call('res.partner', 'write', { ids: [1], vals: { name: 'x' } });

const failureOf = (work: Promise<unknown>): Promise<ConnectorError> =>
  work.then(
    () => Promise.reject(new Error('it worked')),
    (error: unknown) => error as ConnectorError,
  );

describe('XML-RPC', () => {
  test('logs in once and calls', async () => {
    server.answer(login, value('<boolean>1</boolean>'));
    const port = odoo();
    expect(await port.call('res.partner', 'write', { ids: [1], vals: { name: 'x' } })).toBe(true);
    await port.call('res.partner', 'write', { ids: [1], vals: { name: 'x' } });
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/xmlrpc/2/common',
      '/xmlrpc/2/object',
      '/xmlrpc/2/object',
    ]);
  });

  test('None, which XML-RPC cannot say, is null; a TypeError of the method itself stays one', async () => {
    const inDumps = 'Traceback (most recent call last):\n  File x, in dump_nil\n';
    const none = 'TypeError: cannot marshal None unless allow_none is enabled\n';
    server.answer(login, fault(1, inDumps + none));
    expect(await odoo().call('crm.lead', 'action_set_lost', { ids: [1] })).toBeNull();
    server.answer(
      login,
      fault(1, `${inDumps}${none}\nDuring handling:\n${inDumps}TypeError: no such argument\n`),
    );
    expect((await failureOf(write())).code).toBe('odoo_bad_call');
  });

  test('tells the version', async () => {
    server.answer(
      value(
        '<struct><member><name>server_version</name><value><string>18.0</string></value></member></struct>',
      ),
    );
    expect(await odoo().version()).toEqual({ major: 18, text: '18.0' });
    server.answer(page(502));
    expect((await failureOf(odoo().version())).code).toBe('odoo_unreachable');
  });

  test('a wrong key', async () => {
    server.answer(value('<boolean>0</boolean>'));
    const error = await failureOf(write());
    expect(error).toMatchObject({ kind: 'permanent', code: 'odoo_authentication' });
    expect(JSON.stringify(error)).not.toContain('canary-key');
  });

  const faults: readonly [number, string, string][] = [
    [2, 'You cannot do this', 'odoo_refused'],
    [3, 'Access Denied', 'odoo_authentication'],
    [4, 'Not allowed', 'odoo_access'],
    [1, 'Traceback (most recent call last):\n  File x\nValueError: Invalid field', 'odoo_bad_call'],
    [
      1,
      'Traceback (most recent call last):\n  File x\npsycopg2.errors.SerializationFailure: busy\n',
      'odoo_busy',
    ],
    [1, 'AssertionError', 'odoo_error'],
    [9, 'odd', 'odoo_error'],
  ];
  for (const [code, text, expected] of faults) {
    test(`fault ${code}: ${expected}`, async () => {
      server.answer(login, fault(code, text));
      expect((await failureOf(write())).code).toBe(expected);
    });
  }

  test('silence, a broken connection and a page', async () => {
    server.answer(login, silence);
    expect(await failureOf(write())).toMatchObject({ code: 'odoo_timeout', effectUnknown: true });
    server.answer(login, breakOff);
    expect(await failureOf(write())).toMatchObject({ code: 'odoo_connection_lost', effectUnknown: true });
    server.answer(login, page(404));
    expect(await failureOf(write())).toMatchObject({ code: 'odoo_not_found' });
    server.answer(login, page(502));
    expect(await failureOf(write())).toMatchObject({ unreachable: true });
    server.answer(login, (_request, response) => void response.writeHead(418).end());
    expect((await failureOf(write())).message).toBe('Odoo: HTTP 418 with no content type');
  });
});
