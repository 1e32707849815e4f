/** The demo’s progress view, on a terminal of a given width and into a pipe. */
import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import type { RunDetails } from '../../connector/provisioning/runs.ts';
import { watchRun } from '../../scripts/demo/watch.ts';

const error = { code: 'b2_server_error', message: `Backblaze B2: ${'trouble '.repeat(20)}` };
const at = (status: string, step: object): RunDetails =>
  ({ id: 'r', status, steps: [{ name: 'bucket', ms: null, error: null, ...step }] }) as unknown as RunDetails;

/** What a demo's run shows while its step fails, then is done. */
async function watched(columns?: () => number): Promise<string> {
  const states = [
    at('running', { status: 'waiting', attempts: 2, error }),
    at('done', { status: 'done', attempts: 3, ms: 31 }),
  ];
  let written = '';
  await watchRun({
    admin: {
      request: async (_method, path) =>
        (path.startsWith('/runs?') ? { runs: [{ id: 'r' }] } : states.shift()) as never,
    },
    columns,
    write: (text) => (written += text),
  });
  return written;
}

it('draws no line wider than the terminal: one that wraps would leave the block torn', async () => {
  const lines = stripVTControlCharacters(await watched(() => 60)).split('\n');
  expect(lines[0]).toMatch(/^ {2}↻ bucket .*Backblaze.*…$/);
  for (const line of lines) expect(line.length).toBeLessThan(60);
  expect(await watched(() => 60)).toContain('\u001b[1A');
});

it('writes whole lines when piped', async () => {
  const written = await watched();
  expect(written).toContain(error.message);
  expect(written).toContain('✓ bucket                      31 ms (try 3)\n');
  expect(written).not.toContain('\u001b');
});
