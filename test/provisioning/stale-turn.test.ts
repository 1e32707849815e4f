/** A turn is planned, written and begun; what happens during the write belongs to the next one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Database } from '../../connector/db/database.ts';
import { ConnectorError } from '../../connector/errors.ts';
import { hold } from '../../connector/jobs/claim.ts';
import { createLog } from '../../connector/log.ts';
import { executeRun } from '../../connector/provisioning/execute-run.ts';
import { showRun } from '../../connector/provisioning/runs.ts';
import { claimRun } from '../support/claimed-run.ts';
import { openTestPostgres } from '../support/database.ts';

it('a step that has to wait while another one is written down is waited for', async () => {
  const real = await openTestPostgres();
  const log = createLog({ level: 'silent' });
  const now = () => new Date();
  const { runId, job, stop } = await claimRun(real);
  let fail = () => {};
  const failing = new Promise<void>((resolve) => {
    fail = resolve;
  });
  const othersAreDone = async () => {
    const { rows } = await real.query<{ n: number }>(
      "select count(*)::int as n from steps where run_id = $1 and status = 'running'",
      [runId],
    );
    return rows[0]!.n === 1;
  };
  // The write of what is done takes longer than the failure's.
  const db: Database = {
    ...real,
    query: async (text, params) => {
      const answer = await real.query(text, params);
      // Only `bucket` is still at work: it fails while this is being written.
      if (text.includes('ended as') && (params![5] as string[]).length === 0 && (await othersAreDone())) {
        fail();
        await sleep(300);
      }
      return answer as never;
    },
  };
  const runStep = async ({ name }: { name: string }) => {
    if (name !== 'bucket') return null;
    await failing;
    throw new ConnectorError({
      kind: 'retryable',
      code: 'away',
      message: 'away',
      system: 'b2',
      unreachable: true,
      retryAfterMs: 5_000,
    });
  };
  const outcome = await executeRun(
    { db, jobs: { hold }, log, now, runStep: runStep as never, onDone: async () => {} },
    job,
  );
  expect((await showRun(real, runId))!.status).toBe('waiting');
  expect(outcome.next).toBe('again');
  await stop();
  await real.close();
});
