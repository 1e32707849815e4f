/** Starts the outside world: every system on its own port, one clock, one memory, faults and counters over all. */
import { createClock } from './clock.ts';
import { startControl } from './control.ts';
import { type Counts, createCounts } from './counts.ts';
import { connectorEnv } from './env.ts';
import { factories, type OdooModule, type OdooVersion, type Systems } from './factories.ts';
import { canonicalSystem, createFaultBook, type FaultBook } from './faults.ts';
import type { Listener } from './listener.ts';
import { startMail } from './mail/index.ts';
import { rememberedPorts, type WorldPorts } from './ports.ts';
import { serveSystem } from './server.ts';
import { openStore } from './store.ts';
import { HTTP_SYSTEMS, type HttpSystem, type HttpSystemName } from './system.ts';
import { createTrace, type Trace } from './trace.ts';

export type { Fault } from './faults.ts';
export type { Collection, Store } from './store.ts';
export type { HttpContext, HttpSystem, SystemContext, SystemFactory } from './system.ts';

export interface World {
  readonly urls: Readonly<
    Record<'stripe' | 'odoo' | 'b2' | 'bep' | 'rdap' | 'smtp' | 'inbox' | 'control', string>
  >;
  /** The connector's environment variables for this world, keys and all. */
  readonly env: Record<string, string>;
  /** Typed handles: reading a system's state, acting as a person in it. */
  readonly systems: Systems;
  readonly faults: Pick<FaultBook, 'add' | 'clear' | 'held'>;
  readonly counts: Pick<Counts, 'of' | 'reset' | 'all'>;
  readonly trace: Pick<Trace, 'start' | 'stop'>;
  /** Every call of the system (`*`: of all) takes `ms` longer. */
  delay(system: string, ms: number): void;
  readonly clock: { now(): Date; advance(ms: number): Promise<void> };
  stop(): Promise<void>;
}

export interface WorldOptions {
  /** Keeps the state there, and the ports; a world started on it later goes on. Left out: nothing is kept. */
  folder?: string | undefined;
  /** Wished ports; a taken one is replaced by a free one. */
  ports?: WorldPorts | undefined;
  /** Which Odoo to be; default 19. */
  odooVersion?: OdooVersion | undefined;
  /** Applications for documents that are installed in Odoo; default none. */
  odooModules?: readonly OdooModule[] | undefined;
  /** Where Stripe sends events. */
  webhookUrl?: string | undefined;
  log?: ((line: string) => void) | undefined;
}

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const log = options.log ?? (() => {});
  const store = openStore({ folder: options.folder });
  const clock = createClock({ store: store.of('world') });
  const counts = createCounts();
  const trace = createTrace();
  const delays = new Map<string, number>();
  const delayMs = (system: string) => (delays.get('*') ?? 0) + (delays.get(system) ?? 0);
  const listeners = new Map<string, Listener>();
  const faults = createFaultBook({
    outage: (system, forMs) => listeners.get(system)?.down(forMs),
    endOutages: () => {
      for (const listener of listeners.values()) listener.up();
    },
  });
  const ports = rememberedPorts({ store: store.of('world'), wished: options.ports ?? {} });
  const urls: Record<string, string> = {};
  const systems: Record<string, unknown> = {};
  const running: HttpSystem[] = [];
  const make = factories({ odooVersion: options.odooVersion ?? 19, odooModules: options.odooModules ?? [] });

  const startHttp = async (name: HttpSystemName) => {
    const served = await serveSystem({ port: ports.get(name), counts, faults, delayMs, trace, log });
    listeners.set(name, served.listener);
    ports.keep(name, served.listener.port);
    urls[name] = served.url;
    const system = make[name]({
      store: store.of(name),
      clock,
      log,
      url: () => served.url,
      webhookUrl: options.webhookUrl,
    });
    served.attach(system);
    systems[name] = system;
    running.push(system);
  };
  for (const name of HTTP_SYSTEMS) await startHttp(name);

  const mail = await startMail({
    store: store.of('mail'),
    clock,
    log,
    port: ports.get('smtp'),
    counts,
    faults,
    trace,
    delayMs: () => delayMs('mail'),
  });
  listeners.set('mail', mail.listener);
  ports.keep('smtp', mail.listener.port);
  urls.smtp = `smtp://127.0.0.1:${mail.listener.port}`;
  systems.mail = mail.sandbox;

  const delay = (system: string, ms: number) => void delays.set(canonicalSystem(system), ms);
  const env = connectorEnv(urls as World['urls']);
  const control = await startControl({
    port: ports.get('control'),
    faults,
    counts,
    clock,
    delay,
    urls,
    env,
    systems,
    dump: store.dump,
    pages: { inbox: mail.page },
  });
  ports.keep('control', control.listener.port);
  urls.control = control.url;
  urls.inbox = `${control.url}/inbox`;

  const stop = async () => {
    await Promise.all(running.map((system) => system.stop?.()));
    await Promise.all([control.listener, ...listeners.values()].map((listener) => listener.stop()));
    store.close();
  };
  let stopping: Promise<void> | undefined;

  return {
    urls: urls as World['urls'],
    env,
    systems: systems as unknown as Systems,
    faults,
    counts,
    trace,
    delay,
    clock,
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}
