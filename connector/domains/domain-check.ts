/** Whether a domain name is registered, and which name servers it has: the registries' RDAP, then DNS where they say too little. */
import { Resolver } from 'node:dns/promises';
import axios from 'axios';
import type { DomainCheck, DomainFacts } from '../billing/commands/addon-gateway.ts';
import { ConnectorError } from '../errors.ts';

export interface DomainCheckSettings {
  /** A bootstrap service: it redirects `/domain/<name>` to the registry of that name (RFC 9224). */
  readonly rdapUrl: string;
  readonly timeoutMs?: number;
  /** For tests: a domain's name servers by DNS. @throws with `code` as node:dns does */
  readonly resolveNs?: (domain: string) => Promise<readonly string[]>;
}

const TRIES = 3;
const PAUSE_MS = 300;
// An answer about one domain has some kilobytes.
const MAX_BYTES = 1_000_000;

interface Rdap {
  readonly registered: boolean | null;
  readonly nameServers: readonly string[];
}

export function createDomainCheck(settings: DomainCheckSettings): DomainCheck {
  const timeoutMs = settings.timeoutMs ?? 8000;
  const resolver = new Resolver({ timeout: 3000, tries: 2 });
  const resolveNs = settings.resolveNs ?? ((domain) => resolver.resolveNs(domain));
  return {
    async look(domain): Promise<DomainFacts> {
      const rdap = await askRegistry(settings.rdapUrl, domain, timeoutMs);
      if (rdap.registered === false || rdap.nameServers.length > 0) return rdap;
      return { ...rdap, nameServers: await byDns(resolveNs, domain) };
    },
  };
}

/** @throws ConnectorError retryable `registry_away` after three tries */
async function askRegistry(rdapUrl: string, domain: string, timeout: number): Promise<Rdap> {
  const url = `${rdapUrl.replace(/\/+$/, '')}/domain/${encodeURIComponent(domain)}`;
  for (let tried = 1; ; tried += 1) {
    const answer = await axios
      .get(url, {
        timeout,
        maxContentLength: MAX_BYTES,
        maxRedirects: 4,
        headers: { accept: 'application/rdap+json, application/json' },
        validateStatus: () => true,
      })
      .catch((thrown: unknown) => ({ status: 0, data: undefined, request: undefined, thrown }));
    const { status } = answer;
    if (status === 200) return { registered: true, nameServers: serversOf(answer.data) };
    if (status === 404)
      return { registered: redirected(answer.request, url) ? false : null, nameServers: [] };
    const passing = status === 0 || status === 429 || status >= 500;
    if (!passing) return { registered: null, nameServers: [] };
    if (tried === TRIES) throw away(domain, status, 'thrown' in answer ? answer.thrown : undefined);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * tried));
  }
}

/** The service itself says 404 to kinds of names that have no registry with RDAP; only a registry knows that a name is free. */
function redirected(request: unknown, url: string): boolean {
  const last = (request as { res?: { responseUrl?: string } } | undefined)?.res?.responseUrl;
  return last !== undefined && last !== url;
}

/** `nameservers[].ldhName` (RFC 9083, 5.3). */
function serversOf(body: unknown): readonly string[] {
  const listed = (body as { nameservers?: unknown } | null)?.nameservers;
  if (!Array.isArray(listed)) return [];
  return listed.map((each: { ldhName?: unknown }) => plain(each?.ldhName)).filter((name) => name !== '');
}

const plain = (name: unknown): string =>
  typeof name === 'string' ? name.toLowerCase().replace(/\.$/, '') : '';

async function byDns(
  resolveNs: (domain: string) => Promise<readonly string[]>,
  domain: string,
): Promise<readonly string[]> {
  try {
    return (await resolveNs(domain)).map(plain);
  } catch (thrown) {
    const { code } = thrown as { code?: string };
    if (code === 'ENOTFOUND' || code === 'ENODATA') return [];
    throw away(domain, 0, thrown);
  }
}

const away = (domain: string, status: number, cause: unknown) =>
  new ConnectorError({
    kind: 'retryable',
    code: 'registry_away',
    message: `nobody could be asked about ${domain}${status === 0 ? '' : ` (${status})`}`,
    advice: 'Try again in a moment; if it stays, look at RDAP_URL and at the network’s DNS.',
    retryAfterMs: 10_000,
    cause,
  });
