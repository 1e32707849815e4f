/** The document engine fails; the customer's access never waits for its documents longer than the soft wait. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/connector.ts';
import { expectRecovers, PASSING } from './recovers.ts';
import {
  activitiesOn,
  buy,
  ended,
  expectLivesOnce,
  expectStopsThenRetries,
  openStage,
  resultOf,
  type Stage,
} from './stage.ts';

const CALLS = ['POST /v1/documents/bep', 'POST /v1/documents/eir'];

describe('the document engine', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage();
    await ended(stage, await buy(stage));
  });
  afterAll(() => stage?.stop());

  it.each(PASSING)('%s: recovers by itself', (kind) =>
    expectRecovers(stage, { system: 'bep', kind, operations: CALLS }),
  );

  it('an expired key stops the run with what to do', async () => {
    for (const operation of CALLS)
      stage.world.faults.add({ system: 'bep', operation, kind: 'expired_token', times: 1 });
    const purchase = await buy(stage);
    await expectStopsThenRetries(stage, purchase, {
      step: 'bep',
      code: 'bep_unauthorized',
      advice: /BEP_API_KEY/,
      // Nothing more can come by itself, so the welcome mail went at once, and the PDFs follow.
      once: { late: true },
    });
  });

  it('something that is no PDF stops the run at that step; the welcome mail has gone, the PDFs follow', async () => {
    stage.world.systems.bep.misbehave({ how: 'not_pdf', times: 2 });
    const purchase = await buy(stage);
    const stopped = await ended(stage, purchase, ['needs_attention']);
    expect(stopped.cause).toMatchObject({ step: 'bep', code: 'bep_not_a_pdf' });
    expect(stopped.steps.find((step) => step.name === 'welcome_mail')).toMatchObject({
      status: 'done',
      result: { attached: [] },
    });
    const { opportunityId } = resultOf<{ opportunityId: number }>(stopped, 'opportunity');
    const activity = await eventually('staff are told', async () => activitiesOn(stage, opportunityId)[0]);
    expect(activity.note).toContain('not a PDF');
    const before = await stage.world.systems.mail.to(purchase.contact);
    expect(before.map((mail) => mail.attachments.length)).toEqual([0, 0]);

    await stage.connector.admin.request('POST', `/runs/${stopped.id}/retry`);
    const done = await ended(stage, purchase);
    await eventually('the activity is gone', async () => activitiesOn(stage, opportunityId).length === 0);
    await expectLivesOnce(stage, purchase, done, { late: true });
    const mails = await stage.world.systems.mail.to(purchase.contact);
    expect(mails.at(-1)!.attachments.map((file) => file.contentType)).toEqual([
      'application/pdf',
      'application/pdf',
    ]);
  });

  it('a retry that stops again tells staff the new cause', async () => {
    stage.world.systems.bep.misbehave({ how: 'not_pdf', times: 2 });
    const purchase = await buy(stage);
    const stopped = await ended(stage, purchase, ['needs_attention']);
    const { opportunityId } = resultOf<{ opportunityId: number }>(stopped, 'opportunity');
    await eventually('staff are told', async () => activitiesOn(stage, opportunityId)[0]);
    for (const operation of CALLS)
      stage.world.faults.add({ system: 'bep', operation, kind: 'permanent', times: 1 });
    await stage.connector.admin.request('POST', `/runs/${stopped.id}/retry`);
    await eventually('staff read the new cause', async () => {
      const [activity, ...more] = activitiesOn(stage, opportunityId);
      return more.length === 0 && String(activity?.note).includes('refused');
    });
    await stage.connector.admin.request('POST', `/runs/${stopped.id}/retry`);
    await ended(stage, purchase);
  });
});

describe('a slow document engine', () => {
  it('the welcome mail waits the soft wait and no longer; the PDFs follow by themselves', async () => {
    const stage = await openStage({ softWaitMs: 600, timeouts: {} });
    try {
      for (const operation of CALLS)
        stage.world.faults.add({
          system: 'bep',
          operation,
          kind: 'rate_limited',
          times: 1,
          retryAfterSeconds: 4,
        });
      const purchase = await buy(stage);
      const run = await ended(stage, purchase);
      await expectLivesOnce(stage, purchase, run, { late: true });
      expect(resultOf<{ attached: string[] }>(run, 'welcome_mail').attached).toEqual([]);
      expect(resultOf<{ messageId: string | null }>(run, 'documents_mail').messageId).not.toBeNull();
    } finally {
      await stage.stop();
    }
  });
});
