/** The mail server fails. A second copy of a mail is possible only where its answer was lost, and carries the same Message-ID. */
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

describe('the mail server', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage();
    await ended(stage, await buy(stage));
  });
  afterAll(() => stage?.stop());

  it.each(PASSING)('%s: recovers by itself', async (kind) => {
    await expectRecovers(stage, {
      system: 'smtp',
      kind,
      times: 3,
      once: { mailTwice: kind === 'reset_after' },
    });
    const facts = await stage.db.query("select fact from mails where status <> 'sent'");
    expect(facts.rows).toEqual([]);
  });

  it('a refused login stops the run with what to do', async () => {
    stage.world.faults.add({ system: 'smtp', kind: 'expired_token', times: 1 });
    const purchase = await buy(stage);
    await expectStopsThenRetries(stage, purchase, {
      step: 'received_mail',
      code: 'mail_auth',
      advice: /SMTP_URL/,
    });
  });

  it('one stakeholder’s address is refused: all others are invited, staff read of it, a retry invites the one', async () => {
    const { world } = stage;
    // The welcome mail waits for the documents, so that the third mail is an invitation, whosever comes second.
    for (const operation of ['POST /v1/documents/bep', 'POST /v1/documents/eir'])
      world.faults.add({ system: 'bep', operation, kind: 'rate_limited', times: 1, retryAfterSeconds: 3 });
    world.faults.add({ system: 'smtp', kind: 'permanent', times: 1, skip: 2 });
    const stakeholders = ['ann', 'bob', 'cyd', 'dan'].map((name) => ({
      name,
      email: `${name}@refused.example`,
      role: 'information_manager',
    }));
    const purchase = await buy(stage, { stakeholders });
    const stopped = await ended(stage, purchase, ['needs_attention']);
    expect(stopped.cause).toMatchObject({ step: 'stakeholder_mails', code: 'mail_refused' });
    const invited = await Promise.all(purchase.people.map((address) => world.systems.mail.to(address)));
    expect(invited.map((mails) => mails.length).sort()).toEqual([0, 1, 1, 1]);
    const { opportunityId } = resultOf<{ opportunityId: number }>(stopped, 'opportunity');
    const activity = await eventually('staff are told', async () => activitiesOn(stage, opportunityId)[0]);
    expect(activity.note).toContain('recipient');
    await stage.connector.admin.request('POST', `/runs/${stopped.id}/retry`);
    await eventually('the activity is gone', async () => activitiesOn(stage, opportunityId).length === 0);
    await expectLivesOnce(stage, purchase, await ended(stage, purchase));
  });

  it('down from payment on: the customer lives everywhere else, and the mails go out when it is back', async () => {
    const { world } = stage;
    world.faults.add({ system: 'smtp', kind: 'refused', times: Number.POSITIVE_INFINITY });
    const purchase = await buy(stage);
    const waiting = await ended(stage, purchase, ['waiting']);
    const settled = await ended(stage, purchase, ['waiting']);
    expect(waiting.cause).toBeNull();
    expect(settled.steps.filter((step) => step.status === 'failed')).toEqual([]);
    world.faults.clear();
    const run = await ended(stage, purchase);
    await expectLivesOnce(stage, purchase, run);
  });
});
