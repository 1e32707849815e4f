/** What is known of a domain name, against the sandbox's registry over HTTP; DNS is the test's own. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createDomainCheck } from '../../connector/domains/domain-check.ts';
import type { World } from '../../scripts/sandbox/world.ts';
import { startTestWorld } from '../support/sandbox.ts';

let world: World;
beforeAll(async () => {
  world = await startTestWorld();
});
afterEach(() => world.faults.clear());

const fault = (code: string) => async () => {
  throw Object.assign(new Error(code), { code });
};
const servers: http.Server[] = [];
afterAll(() => {
  for (const server of servers) server.close().closeAllConnections();
});
/** A registry that says the same of every name. */
async function serve(status: number, body: object): Promise<string> {
  const server = http.createServer((_req, res) =>
    res.writeHead(status, { 'content-type': 'application/rdap+json' }).end(JSON.stringify(body)),
  );
  servers.push(server);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const check = (resolveNs: () => Promise<readonly string[]> = fault('ENOTFOUND')) =>
  createDomainCheck({ rdapUrl: `${world.urls.rdap}/`, resolveNs, timeoutMs: 500 });

it('is told by the registry', async () => {
  world.systems.rdap.register('mine.example', ['NS1.Host.Example.', 'ns2.host.example']);
  expect(await check().look('mine.example')).toEqual({
    registered: true,
    nameServers: ['ns1.host.example', 'ns2.host.example'],
  });
  expect(await check().look('free-one.example')).toEqual({ registered: false, nameServers: [] });
});

it('is asked of DNS where the registry lists no name servers, or there is none for such names', async () => {
  world.systems.rdap.register('bare.example', []);
  const dns = check(async () => ['NS.elsewhere.test.']);
  expect(await dns.look('bare.example')).toEqual({ registered: true, nameServers: ['ns.elsewhere.test'] });
  expect(await check().look('bare.example')).toEqual({ registered: true, nameServers: [] });
  expect(await dns.look('name.island')).toEqual({ registered: null, nameServers: ['ns.elsewhere.test'] });
  expect(await check().look('name.island')).toEqual({ registered: null, nameServers: [] });
});

it.each([
  ['refuses to answer', 403, {}],
  ['does not understand the name', 400, {}],
])('a registry that %s says nothing: DNS is asked', async (_what, status, body) => {
  const registry = await serve(status, body);
  const dns = createDomainCheck({ rdapUrl: registry, resolveNs: async () => ['ns.elsewhere.test'] });
  expect(await dns.look('any.example')).toEqual({ registered: null, nameServers: ['ns.elsewhere.test'] });
});

it.each([
  ['no list', { nameservers: 'ns1.host.example' }, []],
  [
    'no names',
    { nameservers: [{ ldhName: 7 }, null, { ldhName: 'NS2.Host.Example.' }] },
    ['ns2.host.example'],
  ],
])('name servers that are %s are none', async (_what, body, expected) => {
  const registry = await serve(200, body);
  const dns = createDomainCheck({ rdapUrl: registry, resolveNs: async () => [] });
  expect(await dns.look('any.example')).toEqual({ registered: true, nameServers: expected });
});

it('is asked again after a passing fault, three times in all', async () => {
  world.faults.add({ system: 'rdap', times: 2, kind: 'server_error' });
  expect(await check().look('harbour.example')).toMatchObject({ registered: true });
  world.faults.add({ system: 'rdap', times: 3, kind: 'rate_limited' });
  await expect(check().look('harbour.example')).rejects.toMatchObject({
    kind: 'retryable',
    code: 'registry_away',
  });
});

it('is not guessed when nobody answers', async () => {
  world.faults.add({ system: 'rdap', times: 3, kind: 'timeout' });
  await expect(check().look('harbour.example')).rejects.toMatchObject({ code: 'registry_away' });
  world.systems.rdap.register('bare.example', []);
  await expect(check(fault('ETIMEOUT')).look('bare.example')).rejects.toMatchObject({
    code: 'registry_away',
  });
});
