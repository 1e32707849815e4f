/** What is printed from a table is what stands in the repository. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { registeredTypes } from '../connector/inbox/event-table.ts';
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
