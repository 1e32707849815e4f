/** Takes the end back, until the deletion has begun: staff give access again although the subscription is over. */
import { moveAccess } from '../../billing/states.ts';
import type { Tx } from '../../db/database.ts';
import { ConnectorError } from '../../errors.ts';
import { requestRun } from '../gate.ts';
import type { LifecyclePolicy } from './policy.ts';
import { beginStages, callOff, deletionUnderWay, projectIsServed } from './stages.ts';

/** @returns the run that restores @throws ConnectorError conflict `nothing_to_undo`, `deletion_begun` */
export async function undoEnd(tx: Tx, input: { subscriptionId: number }): Promise<string> {
  const { subscriptionId } = input;
  const { rows } = await tx.query<{ access: string; deleted: boolean }>(
    `select s.access, p.data_deleted_at is not null as deleted from subscriptions s join projects p on p.id = s.project_id
      where s.id = $1 for update of s`,
    [subscriptionId],
  );
  const [row] = rows;
  if (row?.deleted || (await deletionUnderWay(tx, subscriptionId))) throw deletionBegun();
  if (row?.access !== 'deprovisioned')
    throw nothingToUndo(`Access of subscription ${subscriptionId} has not ended.`);
  if (await projectIsServed(tx, subscriptionId))
    throw nothingToUndo('Its project has access by another subscription: the customer has come back.');
  await callOff(tx, { subscriptionId, why: 'undone' });
  await moveAccess(tx, { subscriptionId, to: 'provisioning' });
  return requestRun(tx, { kind: 'restore', subscriptionId, transitionId: null });
}

/** Ends again what was given back: all stages, counted from now. @throws ConnectorError conflict `nothing_to_end` */
export async function endAgain(
  tx: Tx,
  input: { subscriptionId: number; policy: LifecyclePolicy; now: Date },
): Promise<string> {
  const { rows } = await tx.query<{ over: boolean }>(
    `select (ended_at is not null or status in ('canceled', 'incomplete_expired')) as over
       from subscriptions where id = $1 for update`,
    [input.subscriptionId],
  );
  const moved =
    rows[0]?.over === true
      ? await moveAccess(tx, { subscriptionId: input.subscriptionId, to: 'deprovisioned' })
      : 'refused';
  const runId = moved === 'changed' ? await beginStages(tx, { ...input, transitionId: null }) : null;
  if (runId !== null) return runId;
  throw new ConnectorError({
    kind: 'conflict',
    code: 'nothing_to_end',
    message: 'This subscription has not ended at Stripe, or has no access that could end.',
    advice: 'One that lives is cancelled: npm run cli -- subscriptions cancel <id>.',
  });
}

const nothingToUndo = (message: string): ConnectorError =>
  new ConnectorError({
    kind: 'conflict',
    code: 'nothing_to_undo',
    message,
    advice: 'See "npm run cli -- lifecycle list".',
  });

const deletionBegun = (): ConnectorError =>
  new ConnectorError({
    kind: 'conflict',
    code: 'deletion_begun',
    message: 'The deletion of this project’s data has begun or is over: it cannot be undone.',
    advice: 'A new subscription that names the project is provisioned anew.',
  });
