/**
 * The registries of domain names, as a bootstrap service and a registry: `GET /domain/<name>` redirects to the registry
 * of `.example` (RFC 9224), which knows every name that is not `free…` (RFC 9083). Other kinds of names have no registry.
 */
import type { HttpContext, HttpSystem } from '../system.ts';

export interface RdapSandbox {
  /** Sets a name's registration; null: it is free. */
  register(domain: string, nameServers: readonly string[] | null): void;
}

const NAME_SERVERS = ['ns1.sandbox.example', 'ns2.sandbox.example'];

export function createRdapSandbox(context: HttpContext): HttpSystem & RdapSandbox {
  const set = context.store.collection<{ readonly nameServers: readonly string[] | null }>('domains');
  const lookUp = (name: string): readonly string[] | null => {
    const known = set.get(name);
    if (known !== undefined) return known.nameServers;
    return name.startsWith('free') ? null : NAME_SERVERS;
  };
  return {
    name: 'rdap',
    operation: ({ method, url }) => `${method} ${url.startsWith('/registry') ? '/registry' : '/domain'}`,
    register: (domain, nameServers) => void set.put(domain, { nameServers }),
    handler(req, res) {
      const match = /^\/(registry\/)?domain\/([a-z0-9.-]{1,253})$/.exec(decodeURIComponent(req.url ?? ''));
      const name = match?.[2] ?? '';
      const answer = (status: number, body: object) =>
        res.writeHead(status, { 'content-type': 'application/rdap+json' }).end(JSON.stringify(body));
      if (match === null || !name.endsWith('.example'))
        return answer(404, { errorCode: 404, title: 'No registry' });
      if (match[1] === undefined)
        return res.writeHead(302, { location: `${context.url()}/registry/domain/${name}` }).end();
      const nameServers = lookUp(name);
      if (nameServers === null) return answer(404, { errorCode: 404, title: 'Not Found' });
      return answer(200, {
        objectClassName: 'domain',
        ldhName: name,
        status: ['active'],
        nameservers: nameServers.map((ldhName) => ({ objectClassName: 'nameserver', ldhName })),
      });
    },
  };
}
