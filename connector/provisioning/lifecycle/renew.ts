/** Makes anew what a living customer's access has lost outside: a deleted bucket, key, user or folder. */
import type { Tx } from '../../db/database.ts';
import { ConnectorError } from '../../errors.ts';
import { requestRun } from '../gate.ts';

/** What is still there stays as it is. @returns the run @throws ConnectorError conflict `nothing_to_renew` */
export async function renewAccess(tx: Tx, input: { subscriptionId: number }): Promise<string> {
  const { rows } = await tx.query<{ access: string }>(
    'select access from subscriptions where id = $1 for update',
    [input.subscriptionId],
  );
  if (rows[0]?.access !== 'provisioned') throw nothingToRenew(input.subscriptionId, rows[0]?.access);
  return requestRun(tx, { kind: 'restore', subscriptionId: input.subscriptionId, transitionId: null });
}

const nothingToRenew = (id: number, access: string | undefined): ConnectorError =>
  new ConnectorError({
    kind: 'conflict',
    code: 'nothing_to_renew',
    message: `Access of subscription ${id} is ${access}: only what was given and is not suspended or over can be renewed.`,
    advice:
      'A stopped run: "cli runs retry"; an end: "cli lifecycle undo"; a suspension ends with its payment.',
  });
