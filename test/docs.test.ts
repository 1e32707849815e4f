/** What is printed from a table is what stands in the repository. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DRIFT_RULES } from '../connector/billing/passes/drift.ts';
import { GUARDED_ACTIONS } from '../connector/crm/actions.ts';
import { registeredTypes } from '../connector/inbox/event-table.ts';
import { housekeeping } from '../connector/wiring/housekeeping.ts';
import { envExample } from '../scripts/commands/docs-env.ts';
import { eventsMarkdown } from '../scripts/commands/docs-events.ts';
import { runsMarkdown } from '../scripts/commands/docs-runs.ts';

const read = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');

it.each([
  ['.env.example', envExample],
  ['docs/runs.md', runsMarkdown],
  ['docs/events.md', eventsMarkdown],
])('%s is up to date', (name, print) => {
  expect(read(name)).toBe(print());
});

it('the documented events are those the endpoint is made with', () => {
  const documented = [...read('docs/events.md').matchAll(/^\| `([\w.]+)`/gm)].map((match) => match[1]);
  expect(documented.sort()).toEqual([...registeredTypes()].sort());
});

it('the documented schedule is the one that runs', () => {
  const documented = [...read('docs/operations.md').matchAll(/^\| `([a-z ]+)` \| `([\d*/ ]+)` \|/gm)].map(
    ([, name, cron]) => [name, cron],
  );
  const entries = housekeeping({} as Parameters<typeof housekeeping>[0]);
  expect(documented).toEqual(entries.map(({ name, cron }) => [name, cron]));
});

it('every disagreement that can be found is documented with its severity', () => {
  const rows = [...read('docs/operations.md').matchAll(/^\| (`[a-z_`, ]+`) \| (info|warning|critical) \|/gm)];
  const documented = rows.flatMap(([, kinds, severity]) =>
    [...kinds!.matchAll(/`([a-z_]+)`/g)].map(([, kind]) => [kind, severity]),
  );
  const known = Object.entries(DRIFT_RULES).map(([kind, { severity }]) => [kind, severity]);
  expect(documented.toSorted()).toEqual(known.toSorted());
});

it('every guarded action is documented: each is a thing the running key can do', () => {
  const documented = [...read('docs/erp.md').matchAll(/^\| server action \*([a-z ]+)\* \|/gm)].map(
    ([, name]) => name,
  );
  expect(documented.sort()).toEqual(GUARDED_ACTIONS.map((name) => name.replaceAll('_', ' ')).sort());
});
