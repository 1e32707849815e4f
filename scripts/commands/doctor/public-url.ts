/** PUBLIC_URL leads back to this machine: what customers and Stripe depend on. */
import { createServer, type Server } from 'node:http';
import type { Check } from './context.ts';
import { type Finding, green, red, yellow } from './finding.ts';

export const publicUrl: Check = {
  system: 'public url',
  needs: ['PUBLIC_URL', 'PORT'],
  async run({ config, callMs }) {
    // Before the first start nobody answers there: a stand-in on the same port shows whether the way leads here.
    const standIn = await listen(config.port);
    try {
      const findings = await reach(config.publicUrl, {
        callMs,
        standIn: standIn !== undefined,
        port: config.port,
      });
      const plain = config.publicUrl.startsWith('http://') && !isLocal(config.publicUrl);
      return plain
        ? [...findings, yellow('PUBLIC_URL is not https', 'Put a TLS proxy before the service.')]
        : findings;
    } finally {
      standIn?.close();
      standIn?.closeAllConnections();
    }
  },
};

async function reach(
  url: string,
  input: { callMs: number; standIn: boolean; port: number },
): Promise<readonly Finding[]> {
  const who = input.standIn ? `a stand-in on port ${input.port}` : `port ${input.port}, where a service runs`;
  const advice = `Check DNS, the proxy and the firewall: ${url} must lead to port ${input.port} of this host.`;
  try {
    const answer = await fetch(`${url}/healthz`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(input.callMs),
    });
    const body = await answer.json().catch(() => undefined);
    if (answer.ok && (body as { status?: unknown } | undefined)?.status === 'ok')
      return [green(`${url}/healthz reaches ${who}`)];
    return [red(`${url}/healthz is answered by something else (HTTP ${answer.status})`, advice)];
  } catch (thrown) {
    const code = (thrown as { cause?: { code?: string } }).cause?.code ?? (thrown as Error).name;
    return [red(`${url}/healthz cannot be reached from here (${code})`, advice)];
  }
}

/** @returns undefined when the port is taken, by the service as a rule */
function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((_req, res) => {
      res.setHeader('content-type', 'application/json').end(JSON.stringify({ status: 'ok' }));
    });
    server.once('error', () => resolve(undefined));
    server.listen(port, () => resolve(server));
  });
}

const isLocal = (url: string) => ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname);
