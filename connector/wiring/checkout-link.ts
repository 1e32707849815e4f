/** "Send checkout link" on an opportunity: an offer is made, its link mailed, and the opportunity says so. */
import type { Catalogue, Plan } from '../billing/catalogue.ts';
import { currenciesOf } from '../billing/in-currency.ts';
import { type CustomAmounts, makeOffer } from '../billing/offers.ts';
import { findPlan } from '../billing/plans.ts';
import type { LinkMailer } from '../credentials/reissue.ts';
import { nameOffered } from '../crm/adopt-offer.ts';
import { type LeadOffer, readLeadOffer } from '../crm/lead-offer.ts';
import type { ErpRequest, RequestOutcome } from '../crm/requests/request.ts';
import type { Database } from '../db/database.ts';
import { ConnectorError } from '../errors.ts';
import type { Odoo } from '../odoo/odoo.ts';
import type { Vault } from '../secrets/vault.ts';
import { formatMoney, minorUnits } from '../stripe-money.ts';

export interface CheckoutLinkDeps {
  readonly db: Database;
  readonly vault: Vault;
  readonly now: () => Date;
  readonly odoo: Odoo;
  readonly catalogue: Catalogue;
  readonly mailer: LinkMailer;
  readonly publicUrl: string;
  readonly guard: <T>(call: () => Promise<T>) => Promise<T>;
}

// Stripe takes no payment below 0.50 USD or its like (Stripe, "Minimum and maximum charge amounts").
const LEAST = 100;
const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** @throws ConnectorError conflict, its message for whoever pressed the button; what Odoo and the mail server say otherwise */
export async function sendCheckoutLink(deps: CheckoutLinkDeps, request: ErpRequest): Promise<RequestOutcome> {
  const { catalogue, publicUrl, mailer } = deps;
  const lead = await deps.guard(() => readLeadOffer(deps.odoo, request.resId));
  const plan = planOf(catalogue, lead);
  const currency = lead.currency ?? catalogue.currency;
  const amounts = amountsOf(plan, lead, currency);
  if (amounts !== null) requireMeters(catalogue, plan, currency);
  const { id, token, expiresAt } = await makeOffer(deps, {
    requestId: request.id,
    leadId: request.resId,
    planKey: plan.key,
    interval: lead.interval,
    amounts,
    currency: amounts === null ? catalogue.currency : currency,
    prefill: {
      name: lead.company,
      country: lead.country,
      vat_id: lead.vatId,
      contact_name: lead.contactName,
      contact_email: lead.email,
    },
    locale: lead.locale,
  });
  await nameOffered(deps, { id, leadId: request.resId });
  const name = lead.contactName || lead.company || lead.email;
  await mailer.send({
    fact: `offer_${request.id}`,
    to: { name, email: lead.email },
    template: 'checkout-link',
    locale: lead.locale,
    data: {
      name,
      plan: plan.name,
      checkoutUrl: `${publicUrl}/services/comply?offer=${token}`,
      expires: expiresAt.toISOString(),
    },
  });
  const price = amounts === null ? '' : `, ${priceOf(amounts, currency, lead.interval)}`;
  return {
    answer: `Checkout link for ${plan.name}${price} sent to ${lead.email}, valid until ${expiresAt.toISOString().slice(0, 10)}.`,
  };
}

function planOf(catalogue: Catalogue, lead: LeadOffer): Plan {
  const plan = findPlan(catalogue, lead.plan);
  if (plan !== undefined) return plan;
  const keys = catalogue.plans.map(({ key }) => key).join(', ');
  throw refused('plan_unknown', `There is no plan "${lead.plan}". The plans are: ${keys}.`);
}

/** Amounts on the opportunity are the price; without any the plan's own prices hold. */
function amountsOf(plan: Plan, lead: LeadOffer, currency: string): CustomAmounts | null {
  if (lead.setup === 0 && lead.recurring === 0) {
    if (!plan.custom && plan.prices[lead.interval] !== undefined) return null;
    throw refused(
      'amounts_missing',
      plan.custom
        ? `${plan.name} has no price list: set the recurring amount on the opportunity.`
        : `${plan.name} is not sold per ${lead.interval}: choose the other interval, or set the amounts.`,
    );
  }
  const code = currency.toUpperCase();
  if (!CURRENCIES.has(code))
    throw refused('currency_unknown', `There is no currency "${code}": three letters, such as EUR.`);
  if (lead.setup < 0) throw refused('amounts_too_small', 'The set-up amount cannot be below zero.');
  const recurring = minorUnits(lead.recurring, currency);
  if (recurring < LEAST)
    throw refused(
      'amounts_too_small',
      `The recurring amount is too small: at least ${formatMoney(LEAST, currency, { locale: 'en' })}.`,
    );
  return { setup: minorUnits(lead.setup, currency), recurring };
}

/** What is billed by use has the catalogue's prices, whatever was agreed about the rest; one invoice has one currency. */
function requireMeters(catalogue: Catalogue, plan: Plan, currency: string): void {
  const sold = currenciesOf(catalogue);
  if (plan.metered.length === 0 || sold.includes(currency)) return;
  const names = sold.map((each) => each.toUpperCase()).join(', ');
  throw refused(
    'currency_not_sold',
    `What ${plan.name} bills by use has prices in ${names} only: choose one of these currencies.`,
  );
}

const priceOf = ({ setup, recurring }: CustomAmounts, currency: string, interval: string): string => {
  const money = (amount: number) => formatMoney(amount, currency, { locale: 'en' });
  return `${money(recurring)} per ${interval}${setup > 0 ? ` and ${money(setup)} once` : ''}`;
};

const refused = (code: string, message: string): ConnectorError =>
  new ConnectorError({ kind: 'conflict', code, message, advice: 'Correct the opportunity and press again.' });
