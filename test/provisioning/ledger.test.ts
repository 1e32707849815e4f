import { expect, it } from 'vitest';
import { asConnectorError, ConnectorError } from '../../connector/errors.ts';
import { hold, LostClaim } from '../../connector/jobs/claim.ts';
import { openLedger, RunNotLive, stepError } from '../../connector/provisioning/ledger.ts';
import { claimRun } from '../support/claimed-run.ts';
import { describeOnEachDatabase } from '../support/database.ts';

describeOnEachDatabase('the ledger’s fence', (open) => {
  it('lets the holder write, and a claim that was taken over write nothing', async () => {
    const db = await open();
    const { runId, job, stop } = await claimRun(db, 1);
    await db.query("update runs set status = 'running' where id = $1", [runId]);
    const ledger = (retryCount: number) => openLedger({ db, jobs: { hold } }, { ...job, retryCount }, runId);
    const at = new Date();
    const begin = (name: 'bucket' | 'bep') => ({ done: [], started: [name], at });
    const end = (result: string) => ({ done: [{ name: 'bucket' as const, result, ms: 1 }], started: [], at });
    await ledger(1).advance(begin('bucket'));
    const stale = ledger(0);
    await expect(stale.advance(begin('bep'))).rejects.toBeInstanceOf(LostClaim);
    await expect(stale.advance(end('stale'))).rejects.toBeInstanceOf(LostClaim);
    await ledger(1).advance(end('mine'));
    const { rows } = await db.query('select name, status, result from steps where run_id = $1', [runId]);
    expect(rows).toEqual([{ name: 'bucket', status: 'done', result: 'mine' }]);
    await stop();
  });

  it('lets nobody write to a run that was made void, nor of a step that never began', async () => {
    const db = await open();
    const { runId, job, stop } = await claimRun(db, 1);
    await db.query("update runs set status = 'running' where id = $1", [runId]);
    const ledger = openLedger({ db, jobs: { hold } }, job, runId);
    const error = asConnectorError(new Error('on purpose'));
    const failing = ledger.failed('bep', { status: 'failed', error, attempts: 1, retryAt: null });
    await expect(failing).rejects.toThrow(`the ledger of run ${runId} has no such step`);
    await db.query("update runs set status = 'superseded' where id = $1", [runId]);
    const begin = { done: [], started: ['bucket' as const], at: new Date() };
    await expect(ledger.advance(begin)).rejects.toBeInstanceOf(RunNotLive);
    await expect(ledger.leave('done', null)).rejects.toBeInstanceOf(RunNotLive);
    const { rows } = await db.query('select status from runs where id = $1', [runId]);
    expect(rows).toEqual([{ status: 'superseded' }]);
    expect((await db.query('select 1 from steps where run_id = $1', [runId])).rowCount).toBe(0);
    await stop();
  });
});

it('what a step failed with is kept whole, also where nobody can advise', () => {
  const bare = new ConnectorError({ kind: 'retryable', code: 'away', message: 'away' });
  expect(stepError(bare)).toEqual({
    kind: 'retryable',
    code: 'away',
    message: 'away',
    advice: null,
    system: null,
    unreachable: false,
  });
});
