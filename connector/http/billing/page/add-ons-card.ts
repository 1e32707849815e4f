/** The add-ons of one subscription on the billing page: those it has, and those to be had. */
import type { AddOn } from '../../../billing/catalogue.ts';
import type { OwnedAddOn } from '../../../billing/commands/addon-gateway.ts';
import { inCurrency } from '../../../billing/in-currency.ts';
import { findAddOn } from '../../../billing/plans.ts';
import { type Html, html } from '../../html.ts';
import { money, per } from '../../money.ts';
import { BILLING_TEXTS } from './texts.ts';
import type { BillingView, ShownSubscription } from './view.ts';

export function addOnsCard(whole: BillingView, { row, addOns }: ShownSubscription): Html | false {
  const view = { ...whole, catalogue: inCurrency(whole.catalogue, row.currency) };
  const { catalogue, language } = view;
  const texts = BILLING_TEXTS[language].addOns;
  const onSale =
    row.planKey === null ? [] : catalogue.addOns.filter((addOn) => canHave(addOn, row.planKey!, addOns));
  const offers = onSale.flatMap((addOn) => {
    const price = priceText(view, addOn, row.billingInterval);
    return price === null ? [] : [{ addOn, price }];
  });
  if (offers.length === 0 && addOns.length === 0) return false;
  return html`<details class="add-ons"${addOns.length > 0 && html` open`}><summary>${texts.title}</summary>
${addOns.length > 0 && html`<ul class="people">${addOns.map((owned) => ownedLine(view, owned))}</ul>`}
${offers.map(({ addOn, price }) => offerForm(view, { id: row.id, addOn, price }))}</details>`;
}

function canHave(addOn: AddOn, planKey: string, owned: readonly OwnedAddOn[]): boolean {
  if (addOn.plans !== null && !addOn.plans.includes(planKey)) return false;
  return addOn.repeatable || owned.every(({ addOnKey }) => addOnKey !== addOn.key);
}

function priceText(
  { catalogue, language }: BillingView,
  addOn: AddOn,
  interval: string | null,
): string | null {
  if (interval !== 'month' && interval !== 'year') return null;
  const recurring = addOn.prices[interval];
  if (recurring !== undefined)
    return `${money(recurring, catalogue.currency, language)} ${per(interval, language)}`;
  if (addOn.oneTimeAmount === null) return null;
  const { once, nextInvoice } = BILLING_TEXTS[language].addOns;
  return `${money(addOn.oneTimeAmount, catalogue.currency, language)} ${once} (${nextInvoice})`;
}

function ownedLine({ catalogue, language }: BillingView, owned: OwnedAddOn): Html {
  const { remove } = BILLING_TEXTS[language].addOns;
  const name = findAddOn(catalogue, owned.addOnKey)?.name ?? owned.addOnKey;
  const label = `${owned.quantity > 1 ? `${owned.quantity} × ` : ''}${name}${owned.domain === null ? '' : `: ${owned.domain}`}`;
  return html`<li data-addon="${owned.addOnKey}">${label} ${
    owned.sold === 'recurring' &&
    html`<form class="inline" method="post" action="/billing/addons/remove"><input type="hidden" name="id" value="${owned.id}"><button class="link" type="submit" aria-label="${remove}: ${label}">${remove}</button></form>`
  }</li>`;
}

function offerForm(
  view: BillingView,
  { id, addOn, price }: { id: number; addOn: AddOn; price: string },
): Html {
  const texts = BILLING_TEXTS[view.language].addOns;
  const field = `domain-${id}-${addOn.key}`;
  return html`<form class="offer" method="post" action="/billing/addons" data-offer="${addOn.key}"><input type="hidden" name="subscription" value="${id}"><input type="hidden" name="addon_key" value="${addOn.key}">
<p><strong>${addOn.name}</strong> · ${price}<br>${addOn.description}</p>
${addOn.domain !== null && html`<div class="field"><label for="${field}">${texts.domain}</label><input id="${field}" name="domain" type="text" autocomplete="off" inputmode="url" placeholder="example.com"><p class="hint">${texts.domainHint}</p></div>`}
<button type="submit" aria-label="${texts.buy}: ${addOn.name}">${texts.buy}</button></form>
`;
}
