/** A POST under an Idempotency-Key whose first try is under way, failed or died. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { oncePerKey } from '../../connector/billing/once-per-key.ts';
import { createVault } from '../../connector/secrets/vault.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

const START = Date.UTC(2026, 10, 21);
const vault = createVault([Buffer.alloc(32, 7).toString('base64')]);
const done = { status: 201, body: { made: 1 } };

it('is refused while the first try may be alive, and goes on once it must have died', async () => {
  const request = { scope: 'billing/org_1', key: 'wish-one', requestHash: 'x' };
  const at = (seconds: number) => ({ db, vault, now: () => new Date(START + seconds * 1000) });
  // Its process dies in the middle: it never comes to an end.
  let begun = () => {};
  const working = new Promise<void>((resolve) => {
    begun = resolve;
  });
  void oncePerKey(at(0), request, () => {
    begun();
    return new Promise(() => {});
  });
  await working;
  let made = 0;
  const work = async () => {
    made += 1;
    return done;
  };
  await expect(oncePerKey(at(119), request, work)).rejects.toMatchObject({
    kind: 'conflict',
    code: 'request_in_progress',
  });
  expect(await oncePerKey(at(121), request, work)).toEqual(done);
  expect(await oncePerKey(at(122), request, work)).toEqual(done);
  expect(made).toBe(1);
  await expect(oncePerKey(at(123), { ...request, requestHash: 'y' }, work)).rejects.toMatchObject({
    code: 'idempotency_key_reused',
  });
});
