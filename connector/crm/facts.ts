/** What can be mapped to an ERP field: one flat, documented set of facts per sale. Names of facts are the company's interface. */
import type { Organisation, Project, Sale, SubscriptionRecord } from '../billing/sale.ts';
import { majorUnits } from '../stripe-money.ts';
import { countryXmlId, odooLanguage } from './localities.ts';
import { monthlyRevenue } from './monthly-revenue.ts';
import { staffState } from './staff-state.ts';

export type Fact = string | number | boolean | Date | null;
export type Facts = Readonly<Record<string, Fact>>;

/** Every fact a mapping may name. */
export const FACT_NAMES = [
  ...['name', 'country', 'country_xmlid', 'vat_id', 'contact_name', 'contact_email', 'lang'].map(
    (name) => `organisation.${name}`,
  ),
  'organisation.id',
  'organisation.stripe_customer_id',
  ...['id', 'name', 'code', 'description', 'client'].map((name) => `project.${name}`),
  ...['order.id', 'order.amount', 'order.interval', 'plan.key', 'plan.name'],
  ...['contact.name', 'contact.email', 'contact.role', 'contact.role_title', 'contact.role_tag_xmlid'],
  ...['id', 'number', 'amount', 'currency', 'url', 'paid_at'].map((name) => `invoice.${name}`),
  ...['stripe_id', 'plan_key', 'status', 'access', 'interval', 'quantity', 'currency', 'currency_xmlid'].map(
    (name) => `subscription.${name}`,
  ),
  ...['amount', 'period_start', 'period_end', 'cancel_at_period_end', 'canceled_at', 'ended_at'].map(
    (name) => `subscription.${name}`,
  ),
  ...['subscription.state', 'subscription.mrr'],
  ...['subscription.trial_end', 'subscription.version', 'storage.bucket'],
  ...['link.company', 'link.opportunity', 'link.workspace', 'workspace.url'],
] as const;

/** What is known from the checkout's start. Amounts on the opportunity are the ERP company's (`order.amount`). */
export function orderFacts(
  order: Pick<Sale, 'orderId' | 'organisation' | 'project' | 'planKey' | 'planName'>,
): Facts {
  return {
    ...organisationFacts(order.organisation),
    ...projectFacts(order.project),
    'order.id': order.orderId,
    'plan.key': order.planKey,
    'plan.name': order.planName,
  };
}

export function saleFacts(sale: Sale): Facts {
  const { firstInvoice: invoice } = sale;
  return {
    ...orderFacts(sale),
    'order.interval': sale.subscription.billingInterval,
    'invoice.id': invoice.providerId,
    'invoice.number': invoice.number,
    'invoice.amount': majorUnits(invoice.amountPaid, invoice.currency),
    'invoice.currency': invoice.currency.toUpperCase(),
    'invoice.url': invoice.hostedUrl,
    'invoice.paid_at': invoice.paidAt,
  };
}

/** The facts that change over a subscription's life; the same at creation and when it is mirrored later. */
export function subscriptionFacts(subscription: Omit<SubscriptionRecord, 'id'>): Facts {
  return {
    'subscription.stripe_id': subscription.providerId,
    'subscription.plan_key': subscription.planKey,
    'subscription.status': subscription.status,
    'subscription.access': subscription.access,
    'subscription.state': staffState(subscription),
    'subscription.mrr': monthlyRevenue(subscription),
    'subscription.interval': subscription.billingInterval,
    'subscription.quantity': subscription.quantity,
    'subscription.currency': subscription.currency.toUpperCase(),
    'subscription.currency_xmlid': `base.${subscription.currency.toUpperCase()}`,
    'subscription.amount': majorUnits(subscription.recurringAmount, subscription.currency),
    'subscription.period_start': subscription.currentPeriodStart,
    'subscription.period_end': subscription.currentPeriodEnd,
    'subscription.cancel_at_period_end': subscription.cancelAtPeriodEnd,
    'subscription.canceled_at': subscription.canceledAt,
    'subscription.ended_at': subscription.endedAt,
    'subscription.trial_end': subscription.trialEnd,
    'subscription.version': subscription.version,
  };
}

function organisationFacts(organisation: Organisation): Facts {
  return {
    'organisation.id': organisation.id,
    'organisation.name': oneLine(organisation.name),
    'organisation.country': organisation.country,
    'organisation.country_xmlid': countryXmlId(organisation.country),
    'organisation.vat_id': organisation.vatId,
    'organisation.contact_name': oneLine(organisation.contactName),
    'organisation.contact_email': oneLine(organisation.contactEmail),
    'organisation.lang': odooLanguage(organisation.locale),
    'organisation.stripe_customer_id': organisation.providerCustomerId,
  };
}

function projectFacts(project: Project): Facts {
  return {
    'project.id': project.id,
    'project.name': oneLine(project.name),
    'project.code': oneLine(project.code),
    'project.description': project.description,
    'project.client': oneLine(project.client),
  };
}

/** Odoo keeps line breaks in one-line fields, where they break lists and mail headers. */
export const oneLine = (text: string): string => text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
