/**
 * What we wrote ourselves into chatter and activities of a customer, and what the ERP mailed to staff in our name: emptied,
 * all of it or where it names somebody.
 */
import type { CrmDeps } from './deps.ts';
import { MODULE } from './ids.ts';

type Deps = Pick<CrmDeps, 'db' | 'odoo'>;

interface Written {
  readonly model: 'mail.message' | 'mail.activity';
  readonly field: 'body' | 'note';
  readonly empty: string | false;
  readonly domain: readonly unknown[];
}

/** @param input.emails null: all of the organisation's @returns how many were emptied */
export async function eraseNotes(
  deps: Deps,
  input: { organisationId: number; emails: readonly string[] | null },
): Promise<number> {
  let emptied = 0;
  for (const { model, field, empty, domain } of await written(deps, input.organisationId)) {
    const found = new Set<number>();
    for (const email of input.emails ?? [null]) {
      const naming = email === null ? [] : [[field, 'ilike', email]];
      const ids = await deps.odoo.call<number[]>(model, 'search', { domain: [...domain, ...naming] });
      for (const id of ids) found.add(id);
    }
    if (found.size > 0) await deps.odoo.call(model, 'write', { ids: [...found], vals: { [field]: empty } });
    emptied += found.size;
  }
  return emptied;
}

async function written(deps: Deps, organisationId: number): Promise<readonly Written[]> {
  const rows = await ours(deps, organisationId);
  const idsOf = (model: string) => rows.filter((row) => row.model === model).map(({ id }) => id);
  const notes = idsOf('mail.message');
  const message = { model: 'mail.message', field: 'body', empty: '<p>Erased.</p>' } as const;
  const author = await authorOf(deps, notes);
  // To change a message of a contact takes accounting rights where Accounting is installed (seen in Odoo 19).
  const records = [...new Set(rows.map(({ model }) => model))].filter(
    (model) => !model.startsWith('mail.') && model !== 'res.partner',
  );
  return [
    { ...message, domain: [['id', 'in', notes]] },
    {
      model: 'mail.activity',
      field: 'note',
      empty: false,
      domain: [['id', 'in', idsOf('mail.activity')]],
    },
    // "You have been assigned: <name of the record>", which the ERP sends in the name of whoever opened the activity.
    ...(author === undefined ? [] : records).map((model) => ({
      ...message,
      domain: [
        ['model', '=', model],
        ['res_id', 'in', idsOf(model)],
        ['author_id', '=', author],
        ['message_type', '=', 'user_notification'],
      ],
    })),
  ];
}

/** Nobody may change what somebody else has said; our own notes say who we are. */
async function authorOf({ odoo }: Deps, notes: readonly number[]): Promise<number | undefined> {
  const [note] = await odoo.call<{ author_id: [number, string] | false }[]>('mail.message', 'search_read', {
    domain: [['id', 'in', notes]],
    fields: ['author_id'],
    limit: 1,
  });
  return note?.author_id ? note.author_id[0] : undefined;
}

/** Records we made for an organisation, and notes and activities we left on them. */
async function ours({ db }: Deps, organisationId: number): Promise<readonly { model: string; id: number }[]> {
  const { rows } = await db.query<{ model: string; id: number }>(
    `select e.model, e.res_id as id from erp_records e join (
       select 'org_' || $1::bigint || '_' as own
       union select 'order_' || id || '_' from orders where organisation_id = $1
       union select 'subscription_' || id || '_' from subscriptions where organisation_id = $1) mine
       on e.external_id ~ ('^' || $2 || '[.](note_|activity_)?' || mine.own) where e.res_id is not null`,
    [organisationId, MODULE],
  );
  return rows;
}
