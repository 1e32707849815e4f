/** `--fail step=n`: the step's call of the outside world fails n times, in the sandbox where one call is the step's alone. */
import { ConnectorError, type System } from '../../connector/errors.ts';
import { RUN_PLANS } from '../../connector/provisioning/run-plans.ts';
import type { StepName } from '../../connector/provisioning/step-plan.ts';
import type { World } from '../sandbox/world.ts';

/** The steps of a purchase, in the order of their plan. */
export const STEPS: readonly { readonly name: StepName; readonly system: System | null }[] =
  RUN_PLANS.provision;

const CALLS: { readonly [Name in StepName]?: { system: string; operation: string } } = {
  workspace: { system: 'odoo', operation: 'x_cde_folder.load' },
  bucket: { system: 'b2', operation: 'b2_create_bucket' },
  storage_key: { system: 'b2', operation: 'b2_create_key' },
  bep: { system: 'bep', operation: 'POST /v1/documents/bep' },
  eir: { system: 'bep', operation: 'POST /v1/documents/eir' },
  documents_in_workspace: { system: 'odoo', operation: 'ir.attachment.load' },
  subscription_record: { system: 'odoo', operation: 'x_stripe_subscription.load' },
};

export interface PlannedFailures {
  /**
   * For the steps whose calls are others' too (every mail is one delivery; the sale's opportunity and its notes are
   * written beside the run): the attempt fails before it calls.
   */
  readonly beforeStep: (step: StepName) => void;
}

export function planFailures(world: World, fail: ReadonlyMap<StepName, number>): PlannedFailures {
  const left = new Map<StepName, number>();
  for (const [step, times] of fail) {
    const call = CALLS[step];
    if (call === undefined) left.set(step, times);
    else world.faults.add({ ...call, times, kind: 'server_error' });
  }
  return {
    beforeStep(step) {
      const times = left.get(step) ?? 0;
      if (times === 0) return;
      left.set(step, times - 1);
      throw new ConnectorError({
        kind: 'retryable',
        code: 'demo_failure',
        message: `failed on purpose, ${times - 1} more to come (--fail ${step})`,
        advice: 'Watch it being tried again.',
      });
    },
  };
}
