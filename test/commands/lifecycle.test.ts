/** What operators read and ask by the CLI after an end: the list of what will happen, holds, undoing, erasure with its report. */
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { eraseList, eraseOrganisation, erasePerson, eraseShow } from '../../scripts/commands/erase.ts';
import {
  lifecycleEnd,
  lifecycleHold,
  lifecycleList,
  lifecycleRelease,
  lifecycleTick,
  lifecycleUndo,
} from '../../scripts/commands/lifecycle.ts';
import { type Customer, type Life, openLife } from '../journeys/life-scene.ts';

let life: Life;
let customer: Customer;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  life = await openLife();
  env = { ...life.connector.env, CONNECTOR_URL: life.connector.publicUrl };
  customer = await life.buy();
  await life.end(customer);
});
afterAll(() => life?.close());
afterEach(() => {
  vi.restoreAllMocks();
});

type Command = (argv: readonly string[], env: NodeJS.ProcessEnv) => Promise<number>;

async function printed(command: Command, ...argv: string[]): Promise<string> {
  const lines: string[] = [];
  const spy = vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(String(line)));
  expect(await command(argv, env)).toBe(0);
  spy.mockRestore();
  return lines.join('\n');
}

it('the list says what would be taken away when; holds and undoing are said there', async () => {
  const { row } = await life.storage(customer);
  const list = await printed(lifecycleList);
  expect(list).toMatch(/\d{4}-\d\d-\d\d \d\d:\d\d .*archive_access .*waiting .*2 user\(s\) archived/);
  expect(list).toContain(`bucket ${row!.bucket} deleted, workspace deleted`);
  expect(list).not.toContain('deprovision');
  const [first] = JSON.parse(await printed(lifecycleList, '--all', '--json')) as {
    stage: string;
    state: string;
  }[];
  expect(first).toMatchObject({ stage: 'deprovision', state: 'done' });
  expect(await printed(lifecycleTick)).toBe('Nothing is due.');

  await printed(lifecycleHold, customer.providerId, '--reason', 'audit 2027');
  expect(await printed(lifecycleList)).toMatch(/delete_data .*held \(audit 2027\)/);
  await printed(lifecycleRelease, customer.providerId);
  expect(await printed(lifecycleList)).not.toContain('held');

  expect(await printed(lifecycleUndo, customer.providerId)).toMatch(
    /^Access is given back by run [0-9a-f-]{36}/,
  );
  await life.done(customer.subscriptionId, 'restore');
  expect(await printed(lifecycleList, '--all')).toContain('called_off (undone)');
  expect(await printed(lifecycleEnd, String(customer.subscriptionId))).toMatch(/the days count from now/);
  await life.done(customer.subscriptionId, 'deprovision');
});

it('an erasure is looked at first, and its report is kept', async () => {
  expect(await printed(eraseList)).not.toContain('organisation');
  const dry = await printed(eraseOrganisation, String(customer.organisationId), '--dry-run');
  expect(dry).toMatch(/database +people of projects +deleted +2/);
  expect(dry).toContain('would be');
  expect(await printed(erasePerson, customer.logins[1]!, '--dry-run')).toMatch(
    /person of projects +deleted +1/,
  );
  expect((await life.storage(customer)).bucket).toBeDefined();

  const done = await printed(eraseOrganisation, `org_${customer.organisationId}`);
  expect(done).toMatch(new RegExp(`stripe +customer ${customer.customer} +deleted +1`));
  expect(done).toMatch(/kept .*accounting law/);
  expect((await life.storage(customer)).bucket).toBeUndefined();
  expect(await printed(eraseList)).toMatch(/1 +organisation \d+ +\d{4}.*finished \d{4}/);
  expect(await printed(eraseShow, '1')).toContain(done);
  await expect(eraseShow(['99'], env)).rejects.toThrow(/no such erasure/i);
});
