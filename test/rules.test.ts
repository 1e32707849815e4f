/** Rules of the structure, executable: who may import whom, and that nothing goes in a circle. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

// What each folder of connector/ may import of the others. `base`: the files directly in connector/ that know nobody.
const ADAPTERS = ['stripe', 'odoo', 'b2', 'bep', 'mail', 'domains'];
const LOW = ['base', 'db', 'jobs', 'secrets'];
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  db: ['base'],
  jobs: ['base', 'db'],
  secrets: ['base'],
  billing: [...LOW],
  crm: [...LOW, 'billing', 'odoo'],
  credentials: [...LOW],
  provisioning: [...LOW, 'billing', 'crm', 'credentials', 'b2'],
  inbox: [...LOW, 'billing'],
  schedule: [...LOW],
  http: [...LOW, 'billing', 'crm', 'credentials', 'provisioning', 'inbox', 'schedule'],
  stripe: [...LOW],
  odoo: [...LOW],
  b2: [...LOW],
  bep: [...LOW],
  mail: [...LOW],
  domains: [...LOW],
};
// An adapter may know the port types of who uses it, and nothing else of theirs.
const TYPES_ONLY: Readonly<Record<string, readonly string[]>> = {
  stripe: ['billing', 'inbox'],
  b2: ['provisioning'],
  bep: ['provisioning', 'billing'],
  mail: ['provisioning'],
  domains: ['billing'],
  credentials: ['provisioning'],
};
// Directly in connector/ beside the base: what is started.
const WIRING = ['app', 'main', 'webhook-only'];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

function files(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? files(path) : path.endsWith('.ts') ? [path] : [];
  });
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const found = text.matchAll(/^(?:import|export)\s+(type\s+)?([^'";]*?)\s*from\s+'(\.[^']+)';/gms);
  return [...found].map(([, type, names, target]) => ({
    from: file,
    to: relative(ROOT, join(ROOT, dirname(file), target!)),
    typeOnly: type !== undefined || onlyTypes(names ?? ''),
  }));
}

function onlyTypes(names: string): boolean {
  const inner = /^\{(.*)\}$/s.exec(names.trim())?.[1];
  if (inner === undefined) return false;
  return inner
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .every((name) => name.startsWith('type '));
}

function room(path: string): string {
  const [, second = ''] = path.split('/');
  if (!second.endsWith('.ts')) return second;
  return WIRING.includes(second.replace('.ts', '')) ? 'wiring' : 'base';
}

const connector = files('connector').flatMap(importsOf);

describe('imports', () => {
  it('are found at all', () => {
    expect(connector.length).toBeGreaterThan(200);
  });

  it('follow the allowed arrows', () => {
    const forbidden = connector.filter(({ from, to, typeOnly }) => {
      const [here, there] = [room(from), room(to)];
      if (!to.startsWith('connector/')) return true;
      if (here === there || here === 'wiring') return false;
      if (MAY_IMPORT[here]?.includes(there)) return false;
      return !(typeOnly && TYPES_ONLY[here]?.includes(there));
    });
    expect(forbidden.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('every adapter is known to the rule', () => {
    for (const adapter of ADAPTERS) expect(MAY_IMPORT).toHaveProperty(adapter);
  });

  it('go in no circle, types included', () => {
    const graph = new Map<string, string[]>();
    for (const { from, to } of connector) graph.set(from, [...(graph.get(from) ?? []), to]);
    const state = new Map<string, 'open' | 'closed'>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (state.get(file) === 'closed') return;
      if (state.get(file) === 'open') {
        circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
        return;
      }
      state.set(file, 'open');
      for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
      state.set(file, 'closed');
    };
    for (const file of graph.keys()) visit(file, []);
    expect(circles).toEqual([]);
  });

  it('express is known only to http/', () => {
    const users = files('connector').filter((file) =>
      /from 'express'/.test(readFileSync(join(ROOT, file), 'utf8')),
    );
    expect(users.filter((file) => room(file) !== 'http')).toEqual([]);
  });
});
