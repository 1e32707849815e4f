/** The ERP fails in every way it can, on every call of the main job that writes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectRecovers, PASSING } from './recovers.ts';
import { buy, ended, expectLivesOnce, expectStopsThenRetries, openStage, type Stage } from './stage.ts';

const CALLS = [
  'res.partner.load',
  'res.partner.write',
  'crm.lead.load',
  'x_cde_folder.load',
  'ir.actions.server.run',
  'ir.attachment.load',
  'x_stripe_subscription.load',
  'crm.lead.message_post',
];

describe('the ERP', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage();
    // Identity and version are asked once; the cases are about what comes after.
    await ended(stage, await buy(stage));
  });
  afterAll(() => stage?.stop());

  it.each(PASSING)('%s on each write: recovers by itself', (kind) =>
    expectRecovers(stage, { system: 'odoo', kind, operations: CALLS }),
  );

  it('waits at least as long as a 429 asked for', async () => {
    stage.world.faults.add({
      system: 'odoo',
      operation: 'x_cde_folder.load',
      kind: 'rate_limited',
      times: 1,
      retryAfterSeconds: 3,
    });
    const purchase = await buy(stage);
    const waiting = await ended(stage, purchase, ['waiting', 'done']);
    const run = await ended(stage, purchase);
    const step = waiting.steps.find((each) => each.name === 'workspace')!;
    expect(step.error).toMatchObject({ code: 'odoo_rate_limited' });
    expect(run.finishedAt! > step.retryAt!).toBe(true);
    await expectLivesOnce(stage, purchase, run);
  });

  it('an expired key stops the run with what to do; after a retry the customer is complete', async () => {
    stage.world.faults.add({
      system: 'odoo',
      operation: 'x_cde_folder.load',
      kind: 'expired_token',
      times: 1,
    });
    const purchase = await buy(stage);
    await expectStopsThenRetries(stage, purchase, {
      step: 'workspace',
      code: 'odoo_authentication',
      advice: /renew-key/,
    });
  });
});
