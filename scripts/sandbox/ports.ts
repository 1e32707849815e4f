/** Which port each system listened on last time: links that a person or Stripe was given keep working after a restart. */
import type { Store } from './store.ts';

type PortName = 'stripe' | 'odoo' | 'b2' | 'bep' | 'rdap' | 'smtp' | 'control';
export type WorldPorts = Partial<Record<PortName, number>>;

/** What `npm run sandbox` asks for; below the range systems hand out by themselves. */
export const DEFAULT_PORTS: Required<WorldPorts> = {
  control: 12110,
  stripe: 12111,
  odoo: 12112,
  b2: 12113,
  bep: 12114,
  smtp: 12115,
  rdap: 12116,
};

/** A wished port goes before the remembered one. */
export function rememberedPorts(deps: { store: Store; wished: WorldPorts }) {
  const ports = deps.store.collection<number>('ports');
  return {
    get: (name: PortName) => deps.wished[name] ?? ports.get(name),
    keep: (name: PortName, port: number) => ports.put(name, port),
  };
}
