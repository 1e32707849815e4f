/** Where our database names people, and what an erasure does there. What the law keeps, keeps ids and amounts alone. */

import { providerPlaces } from '../../billing/erased.ts';

export interface Place {
  readonly what: string;
  readonly action: 'deleted' | 'anonymised';
  /** SQL with the subject as $1; counts what `erase` changes. */
  readonly count: string;
  readonly erase: string;
}

const SUBSCRIPTIONS = '(select id from subscriptions where organisation_id = $1)';
const PROJECTS = '(select id from projects where organisation_id = $1)';
const ORDERS = '(select id from orders where organisation_id = $1)';
const RUNS = `(select id from runs where subscription_id in ${SUBSCRIPTIONS})`;
const CUSTOMER = '(select provider_customer_id from organisations where id = $1)';
const RECORDS = `(select 'stripe_connector.subscription_' || id || '_record' from subscriptions where organisation_id = $1
  union all select 'stripe_connector.order_' || id || '_opportunity' from orders where organisation_id = $1)`;
const ADDRESSES = `(select lower(contact_email) from organisations where id = $1
  union select lower(email) from stakeholders where project_id in ${PROJECTS})`;

const remove = (what: string, from: string): Place => ({
  what,
  action: 'deleted',
  count: `select count(*)::int as n from ${from}`,
  erase: `delete from ${from}`,
});

const overwrite = (what: string, table: string, set: string, where: string): Place => ({
  what,
  action: 'anonymised',
  count: `select count(*)::int as n from ${table} where ${where}`,
  erase: `update ${table} set ${set} where ${where}`,
});

/** $1: our id of the organisation. In this order: what names others comes before them. */
export const OF_ORGANISATION: readonly Place[] = [
  overwrite('mails', 'mails', "recipient = 'erased', subject = ''", `lower(recipient) in ${ADDRESSES}`),
  remove(
    'answers kept for repeated requests',
    `api_idempotency a where exists (select 1 from organisations g where g.id = $1
       and (a.scope like '%org\\_' || g.id or a.body::text ilike '%' || g.contact_email || '%'))`,
  ),
  remove('links', `links where organisation_id = $1 or subscription_id in ${SUBSCRIPTIONS}`),
  remove('documents', `documents where project_id in ${PROJECTS}`),
  remove(
    'secrets',
    `secrets where owner in (select 'project_' || id from projects where organisation_id = $1)`,
  ),
  remove('people of projects', `stakeholders where project_id in ${PROJECTS}`),
  overwrite('results of runs', 'steps', 'result = null, error = null', `run_id in ${RUNS}`),
  overwrite('causes of runs', 'runs', 'cause = null', `id in ${RUNS} and cause is not null`),
  remove('writes waiting for the ERP', `erp_outbox where external_id in ${RECORDS}`),
  remove('notes waiting for the ERP', `erp_notes where external_id in ${RECORDS}`),
  overwrite('what was written to opportunities', 'opportunities', "written = '{}'", `order_id in ${ORDERS}`),
  overwrite(
    'orders',
    'orders',
    "token_hash = 'erased_' || id, mail_token_hash = null, mail_token_sealed = null",
    'organisation_id = $1',
  ),
  overwrite(
    'facts of money',
    'transitions',
    "data = data - 'hostedInvoiceUrl'",
    `subscription_id in ${SUBSCRIPTIONS}`,
  ),
  ...providerPlaces(CUSTOMER).map(({ what, table, set, where }) =>
    set === null ? remove(what, `${table} where ${where}`) : overwrite(what, table, set, where),
  ),
  overwrite(
    'projects',
    'projects',
    "name = 'Erased project ' || id, code = 'ERASED-' || id, description = '', client = ''",
    'organisation_id = $1',
  ),
  overwrite(
    'organisation',
    'organisations',
    `name = 'Erased organisation ' || id, vat_id = null, contact_name = 'Erased person',
     contact_email = 'erased-' || id || '@erased.invalid', looks_like_duplicate_of = null,
     erased_at = coalesce(erased_at, now())`,
    'id = $1',
  ),
];

const PERSON = '(select id from stakeholders where lower(trim(email)) = $1)';
const NAMED = (column: string): string => `position($1 in lower(${column}::text)) > 0`;

/** $1: the address, lower case. */
export const OF_PERSON: readonly Place[] = [
  overwrite('mails', 'mails', "recipient = 'erased', subject = ''", 'lower(recipient) = $1'),
  remove('answers kept for repeated requests', `api_idempotency where ${NAMED('body')}`),
  remove('links', `links where stakeholder_id in ${PERSON}`),
  overwrite('events', 'events', "payload = '{}'", NAMED('payload')),
  overwrite(
    'results of runs',
    'steps',
    'result = null, error = null',
    `${NAMED('result')} or ${NAMED('error')}`,
  ),
  remove('writes waiting for the ERP', `erp_outbox where ${NAMED('vals')}`),
  remove('notes waiting for the ERP', `erp_notes where ${NAMED('html')}`),
  overwrite('what was written to opportunities', 'opportunities', "written = '{}'", NAMED('written')),
  remove('person of projects', 'stakeholders where lower(trim(email)) = $1'),
];

/** What stays, with its reason; in every report. */
export const KEPT = [
  {
    where: 'database',
    what: 'numbers, dates and amounts of invoices, payments, refunds, disputes and subscriptions',
    why: 'accounting law; they name nobody',
  },
  {
    where: 'database',
    what: 'unfinished drafts of the order form',
    why: 'sealed per browser and not searchable; forgotten 30 days after the last change',
  },
  {
    where: 'stripe',
    what: 'invoices, charges and events of the deleted customer',
    why: 'Stripe keeps them as a payment institution must; see its own erasure request form',
  },
  {
    where: 'erp',
    what: 'chatter, mails and attachments staff wrote',
    why: 'only a person can judge them: an activity asks staff to look through',
  },
] as const;
