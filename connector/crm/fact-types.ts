/** Of what type each fact is, so that a mapping can be compared with the ERP's fields before anything is written. */

export type FactType =
  /** `values`: all it can ever be, for selection fields. */
  | { readonly kind: 'text'; readonly values?: readonly string[] }
  /** `money` is a decimal in major units, `date` an instant in UTC. */
  | { readonly kind: 'integer' | 'money' | 'date' | 'boolean' }
  | { readonly kind: 'external_id'; readonly model: string }
  | { readonly kind: 'link'; readonly to: 'company' | 'opportunity' | 'workspace' };

const text: FactType = { kind: 'text' };
const integer: FactType = { kind: 'integer' };
const money: FactType = { kind: 'money' };
const date: FactType = { kind: 'date' };
const oneOf = (...values: string[]): FactType => ({ kind: 'text', values });

/** One entry for each name in `FACT_NAMES`. */
export const FACT_TYPES: Readonly<Record<string, FactType>> = {
  'organisation.id': integer,
  'organisation.name': text,
  'organisation.country': text,
  'organisation.country_xmlid': { kind: 'external_id', model: 'res.country' },
  'organisation.vat_id': text,
  'organisation.contact_name': text,
  'organisation.contact_email': text,
  'organisation.lang': text,
  'organisation.stripe_customer_id': text,
  'project.id': integer,
  'project.name': text,
  'project.code': text,
  'project.description': text,
  'project.client': text,
  'order.id': integer,
  'order.amount': money,
  'order.interval': oneOf('month', 'year'),
  'plan.key': text,
  'plan.name': text,
  'contact.name': text,
  'contact.email': text,
  'contact.role': oneOf('appointing_party', 'lead_appointed_party', 'appointed_party', 'information_manager'),
  'contact.role_title': text,
  'contact.role_tag_xmlid': { kind: 'external_id', model: 'res.partner.category' },
  'invoice.id': text,
  'invoice.number': text,
  'invoice.amount': money,
  'invoice.currency': text,
  'invoice.url': text,
  'invoice.paid_at': date,
  'subscription.stripe_id': text,
  'subscription.plan_key': text,
  // https://docs.stripe.com/api/subscriptions/object#subscription_object-status
  'subscription.status': oneOf(
    'incomplete',
    'incomplete_expired',
    'trialing',
    'active',
    'past_due',
    'canceled',
    'unpaid',
    'paused',
  ),
  'subscription.access': oneOf('none', 'provisioning', 'provisioned', 'suspended', 'deprovisioned'),
  'subscription.state': oneOf('starting', 'trial', 'active', 'past_due', 'suspended', 'ended'),
  'subscription.mrr': money,
  'subscription.interval': oneOf('month', 'year'),
  'subscription.quantity': integer,
  'subscription.currency': text,
  'subscription.currency_xmlid': { kind: 'external_id', model: 'res.currency' },
  'subscription.amount': money,
  'subscription.period_start': date,
  'subscription.period_end': date,
  'subscription.cancel_at_period_end': { kind: 'boolean' },
  'subscription.canceled_at': date,
  'subscription.ended_at': date,
  'subscription.trial_end': date,
  'subscription.version': integer,
  'storage.bucket': text,
  'link.company': { kind: 'link', to: 'company' },
  'link.opportunity': { kind: 'link', to: 'opportunity' },
  'link.workspace': { kind: 'link', to: 'workspace' },
  'workspace.url': text,
};
