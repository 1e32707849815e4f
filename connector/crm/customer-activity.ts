/** A task for the salesperson about a customer: on the opportunity, else on the company. */
import type { RunAction } from './actions.ts';
import { openActivity } from './activities.ts';
import { findBindings } from './bindings.ts';
import type { CrmDeps } from './deps.ts';
import { html } from './html.ts';
import { externalId } from './ids.ts';

export interface CustomerActivity {
  readonly key: string;
  readonly orderId: number | null;
  readonly organisationId: number;
  readonly summary: string;
  /** One paragraph each, plain text. */
  readonly note: readonly string[];
  /** Its day, UTC. null: the ERP's default, today. */
  readonly deadline: Date | null;
}

/** Once per key, until it is closed. @returns false: the ERP has no record of this customer yet */
export async function openCustomerActivity(
  deps: CrmDeps,
  runAction: RunAction,
  input: CustomerActivity,
): Promise<boolean> {
  const lead = input.orderId === null ? null : externalId.opportunity(input.orderId);
  const company = externalId.company(input.organisationId);
  const known = await findBindings(deps.db, lead === null ? [company] : [lead, company]);
  const on = [
    { model: 'crm.lead', resId: lead === null ? null : known.get(lead)?.resId },
    { model: 'res.partner', resId: known.get(company)?.resId },
  ].find((each): each is { model: string; resId: number } => each.resId != null);
  if (on === undefined) return false;
  const { key, summary, deadline } = input;
  const note = input.note.map((line) => html`<p>${line}</p>`).join('');
  await openActivity(deps, runAction, { ...on, key, summary, note, deadline });
  return true;
}
