/** Activities tell staff what to do; one per key, by external id. */
import type { RunAction } from './actions.ts';
import { findBindings, forget } from './bindings.ts';
import type { CrmDeps } from './deps.ts';
import { ensureRecords } from './ensure-records.ts';
import { salesManager } from './identify.ts';
import { externalId, qualified } from './ids.ts';

const MODEL = 'mail.activity';

// `mail.activity.res_model_id` by external id of the model.
const MODEL_XMLIDS: Readonly<Record<string, string>> = {
  'crm.lead': 'crm.model_crm_lead',
  'res.partner': 'base.model_res_partner',
  x_stripe_subscription: qualified('model_x_stripe_subscription'),
};

/** Opens the activity unless one of this key was opened before and not closed by us; done by staff, it stays done. */
export async function openActivity(
  deps: CrmDeps,
  runAction: RunAction,
  input: {
    model: string;
    resId: number;
    key: string;
    summary: string;
    note: string;
    /** Its day, UTC; left out: the ERP's default, today. */
    deadline?: Date | null | undefined;
  },
): Promise<void> {
  const name = externalId.activity(input.key);
  if ((await findBindings(deps.db, [name])).get(name)?.resId != null) return;
  const modelXmlId = MODEL_XMLIDS[input.model];
  if (modelXmlId === undefined) throw new Error(`no activities on ${input.model}`);
  const user = await responsible(deps, runAction, input);
  await ensureRecords(deps, {
    model: MODEL,
    wanted: [
      {
        name,
        values: {
          'res_model_id/id': modelXmlId,
          res_id: input.resId,
          'activity_type_id/id': 'mail.mail_activity_data_todo',
          summary: input.summary,
          note: input.note,
          ...(input.deadline && { date_deadline: input.deadline.toISOString().slice(0, 10) }),
          ...(user !== undefined && { 'user_id/.id': user }),
        },
      },
    ],
  });
}

/** Takes the activity away, whoever it was; the same key may be opened again. */
export async function closeActivity(deps: CrmDeps, input: { key: string }): Promise<void> {
  const name = externalId.activity(input.key);
  const resId = (await findBindings(deps.db, [name])).get(name)?.resId;
  if (resId == null) return;
  // Staff may have done it meanwhile; XML-RPC has no error of its own for that, so it is looked for.
  const open = await deps.odoo.call<number[]>(MODEL, 'search', { domain: [['id', '=', resId]] });
  if (open.length > 0) await deps.odoo.call(MODEL, 'unlink', { ids: open });
  await forget(deps.db, name);
}

/** The opportunity's or partner's salesperson, else the opportunity's team leader, else a sales manager. */
async function responsible(
  deps: CrmDeps,
  runAction: RunAction,
  { model, resId }: { model: string; resId: number },
): Promise<number | undefined> {
  const owned = OWNED[model];
  if (owned !== undefined) {
    const record = await readOne<Owned>(deps, model, resId, owned);
    if (record?.user_id) return record.user_id[0];
    // Our own opportunities have no salesperson until staff give them one, but their team is there from the start.
    if (record?.team_id) {
      const team = await readOne<Owned>(deps, 'crm.team', record.team_id[0], ['user_id']);
      if (team?.user_id) return team.user_id[0];
    }
  }
  return salesManager(runAction);
}

type Reference = [id: number, name: string] | false;

interface Owned {
  readonly user_id?: Reference;
  readonly team_id?: Reference;
}

// Which fields say whose a record is.
const OWNED: Readonly<Record<string, readonly string[]>> = {
  'crm.lead': ['user_id', 'team_id'],
  'res.partner': ['user_id'],
};

async function readOne<T>(
  deps: CrmDeps,
  model: string,
  id: number,
  fields: readonly string[],
): Promise<T | undefined> {
  const [record] = await deps.odoo.call<T[]>(model, 'read', { ids: [id], fields });
  return record;
}
