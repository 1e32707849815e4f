/** Paid in the very moment a step is carried out: nothing it did stays behind. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { settleTrouble } from '../../connector/billing/dunning/settle.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { inTrouble, NOW, openInvoice } from './dunning-scene.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

/** One step, due; `when` the customer's payment becomes known. */
async function race(work: { suspend?: 'access'; activity?: { summary: string } }, when: 'read' | 'activity') {
  const trouble = await inTrouble(db);
  const { subscriptionId, about } = trouble;
  const opened = new Set<string>();
  let isPaid = false;
  const paid = async () => {
    if (isPaid) return;
    isPaid = true;
    const input = { subscriptionId, about, why: 'recovered' };
    await db.tx((tx) => settleTrouble(tx, { onTransition: async () => {}, now: NOW }, input));
  };
  await trouble.plan(work);
  const ports = {
    reads: {
      async invoice() {
        if (when === 'read') await paid();
        return openInvoice({ providerId: about });
      },
    },
    async openActivity({ key }: { key: string }) {
      opened.add(key);
      if (when === 'activity') await paid();
      return true;
    },
    closeActivity: async ({ key }: { key: string }) => void opened.delete(key),
  };
  let done = await trouble.workOff(ports);
  while (done.isDue) done = await trouble.workOff(ports);
  return { opened: [...opened], ...done };
}

it('access is not taken from somebody who has paid meanwhile', async () => {
  expect(await race({ suspend: 'access' }, 'read')).toMatchObject({
    suspensions: [],
    access: 'provisioned',
    steps: [{ outcome: { leftOut: 'recovered' } }, {}],
  });
});

it('a task opened meanwhile is closed again', async () => {
  expect(await race({ activity: { summary: 'Call' } }, 'activity')).toMatchObject({
    opened: [],
    steps: [{ outcome: { leftOut: 'recovered', activity: 'closed' } }, {}],
  });
});
