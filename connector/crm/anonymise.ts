/** Takes people's data out of the records we made in the ERP; what staff wrote themselves is theirs to judge. */
import { asConnectorError } from '../errors.ts';
import type { RunAction } from './actions.ts';
import { findBindings } from './bindings.ts';
import { contactsOf } from './contacts-of.ts';
import { openCustomerActivity } from './customer-activity.ts';
import type { CrmDeps } from './deps.ts';
import { eraseNotes } from './erase-notes.ts';
import { stillThere } from './gone.ts';
import { externalId } from './ids.ts';
import { changePortalAccess } from './portal-access.ts';

export interface Anonymise {
  readonly organisationId: number;
  /** null: the whole organisation, its opportunities and subscription records too. */
  readonly emails: readonly string[] | null;
  /** Addresses of people who keep user and contact: another customer's project needs them. */
  readonly spared: readonly string[];
  /** `activity`: contacts and opportunities are left, and staff asked. */
  readonly mode: 'anonymise' | 'activity';
}

// Overwritten where the version of the ERP has the field.
const OF_PARTNER = [
  'email',
  'phone',
  'mobile',
  'function',
  'street',
  'street2',
  'city',
  'zip',
  'website',
  'vat',
  'comment',
];
const OF_LEAD = [
  'contact_name',
  'partner_name',
  'email_from',
  'phone',
  'mobile',
  'street',
  'street2',
  'city',
  'zip',
  'website',
  'description',
  'function',
];

/** Repeatable. @returns how many users lost their login, records were (or are to be) overwritten, notes emptied, users left alone */
export async function anonymise(
  deps: CrmDeps,
  runAction: RunAction,
  input: Anonymise,
): Promise<{ users: number; records: number; notes: number; leftAlone: number }> {
  const { organisationId, mode } = input;
  const whole = input.emails === null;
  const spared = new Set(input.spared);
  const emails = (input.emails ?? (await addressesOf(deps, organisationId))).filter(
    (email) => !spared.has(email.trim().toLowerCase()),
  );
  const people = await contactsOf(deps, { organisationId, emails });
  const answers = await changePortalAccess(runAction, { partnerIds: people, change: 'erase' });
  const company = whole ? await bound(deps, 'res.partner', [externalId.company(organisationId)]) : [];
  const partners = [...new Set([...people, ...company])];
  const leads = whole
    ? await bound(deps, deps.mapping.records.opportunity.model, await leadNames(deps, organisationId))
    : [];
  const records = whole
    ? await bound(deps, deps.mapping.records.subscription.model, await recordNames(deps, organisationId))
    : [];
  if (mode === 'anonymise') {
    for (const id of partners) await overwrite(deps, 'res.partner', id, { name: `Erased ${id}` }, OF_PARTNER);
    for (const id of leads)
      await overwrite(
        deps,
        deps.mapping.records.opportunity.model,
        id,
        { name: `Erased order ${id}` },
        OF_LEAD,
      );
    for (const id of records)
      await overwrite(deps, deps.mapping.records.subscription.model, id, { x_name: `Erased ${id}` }, [
        'x_project_name',
        'x_project_code',
      ]);
  }
  const notes = await eraseNotes(deps, { organisationId, emails: input.emails });
  await openCustomerActivity(deps, runAction, {
    key: `erasure_${organisationId}_${whole ? 'all' : people.join('_')}`,
    orderId: null,
    organisationId,
    summary: 'Erasure requested: look through chatter, mails and attachments',
    note: [
      `Contacts ${partners.join(', ') || 'none'}.`,
      mode === 'anonymise'
        ? 'Their fields were overwritten by the connector; what people wrote was not read.'
        : 'The connector has left them: overwrite or delete what need not be kept.',
    ],
    deadline: null,
  });
  const users = answers.filter(({ outcome }) => outcome === 'erased').length;
  return {
    users,
    records: partners.length + leads.length + records.length,
    notes,
    leftAlone: answers.length - users,
  };
}

async function overwrite(
  deps: CrmDeps,
  model: string,
  id: number,
  values: Record<string, unknown>,
  fields: readonly string[],
): Promise<void> {
  const known = await deps.odoo.call<Record<string, unknown>>(model, 'fields_get', {
    allfields: [...fields, ...Object.keys(values)],
    attributes: ['type'],
  });
  const empty = fields.map((field) => [field, false] as const);
  const vals = Object.fromEntries([...empty, ...Object.entries(values)].filter(([field]) => field in known));
  // Or the chatter would tell what the fields were before.
  await deps.odoo.call(model, 'write', { ids: [id], vals, context: { tracking_disable: true } });
}

async function bound(deps: CrmDeps, model: string, names: readonly string[]): Promise<readonly number[]> {
  const ids: number[] = [];
  for (const [name, { resId }] of await findBindings(deps.db, names)) {
    if (resId === null) continue;
    try {
      ids.push(...(await stillThere(deps, model, new Map([[name, resId]]))).values());
    } catch (thrown) {
      // Staff have deleted it already.
      if (asConnectorError(thrown).kind !== 'absent') throw thrown;
    }
  }
  return ids;
}

async function addressesOf({ db }: CrmDeps, organisationId: number): Promise<readonly string[]> {
  const { rows } = await db.query<{ email: string }>(
    `select contact_email as email from organisations where id = $1 union
     select k.email from stakeholders k join projects p on p.id = k.project_id where p.organisation_id = $1`,
    [organisationId],
  );
  return rows.map(({ email }) => email);
}

const leadNames = async ({ db }: CrmDeps, organisationId: number): Promise<readonly string[]> =>
  (
    await db.query<{ id: number }>('select id from orders where organisation_id = $1', [organisationId])
  ).rows.map(({ id }) => externalId.opportunity(id));

const recordNames = async ({ db }: CrmDeps, organisationId: number): Promise<readonly string[]> =>
  (
    await db.query<{ id: number }>('select id from subscriptions where organisation_id = $1', [
      organisationId,
    ])
  ).rows.map(({ id }) => externalId.subscription(id));
