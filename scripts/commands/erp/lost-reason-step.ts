/** The lost reason of a checkout that nobody finished; staff may call it what they like. */
import { qualified } from '../../../connector/crm/ids.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import type { Odoo } from '../../../connector/odoo/odoo.ts';
import { findOne, type SetupContext, type Step } from './context.ts';

export const LOST_REASON = 'lost_reason_abandoned';
const MODEL = 'crm.lost.reason';

export function lostReasonStep({ odoo, ids }: SetupContext): Step {
  return {
    title: 'lost reason "Checkout abandoned"',
    needed: async () =>
      (await findOne(odoo, MODEL, [['id', '=', ids.get(LOST_REASON) ?? 0]], ['name'])) === undefined,
    apply: async () => {
      const [id] = await odoo.load(MODEL, ['id', 'name'], [[qualified(LOST_REASON), 'Checkout abandoned']]);
      ids.set(LOST_REASON, id!);
    },
  };
}

/** @returns false when opportunities were lost by it: Odoo keeps it then, and so do we */
export async function unlinkLostReason(odoo: Odoo, id: number): Promise<boolean> {
  try {
    await odoo.call(MODEL, 'unlink', { ids: [id] });
    return true;
  } catch (thrown) {
    if (thrown instanceof ConnectorError && thrown.kind !== 'retryable') return false;
    throw thrown;
  }
}
