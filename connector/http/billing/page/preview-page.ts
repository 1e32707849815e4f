/** What a change of plan costs, to the cent, before anything is changed. */
import type { ChangePreview } from '../../../billing/commands/preview-change.ts';
import { html } from '../../html.ts';
import { money, per } from '../../money.ts';
import { page } from '../../page.ts';
import { day, planName } from './formats.ts';
import { invoiceTable } from './invoice-table.ts';
import { BILLING_TEXTS } from './texts.ts';
import type { BillingView } from './view.ts';

export function previewPage(
  view: BillingView,
  { preview, subscriptionId }: { preview: ChangePreview; subscriptionId: string },
): string {
  const { change: texts } = BILLING_TEXTS[view.language];
  const { when, effectiveAt, overLimits, token, to } = preview;
  const body = html`<div class="narrow billing">
<h1>${texts.previewTitle}</h1>
<p class="lead">${texts.previewLead(to.quantity > 1 ? `${planName(view, to.planKey)} × ${to.quantity}` : planName(view, to.planKey))}</p>
<section class="card" id="preview">${when === 'period_end' ? html`<p>${texts.later(day(view, effectiveAt))}</p>` : invoiceTable(view, preview.invoice)}
${
  overLimits.length > 0 &&
  html`<p class="hint">${texts.over}</p><ul>${overLimits.map(({ what, used, limit }) => html`<li>${texts.limits[what]}: ${used} / ${limit}</li>`)}</ul>`
}<p class="after">${texts.after}: ${money(preview.recurringAmount, preview.invoice.currency, view.language)} ${per(to.interval, view.language)}</p></section>
<form method="post" action="/billing/change/confirm"><input type="hidden" name="subscription" value="${subscriptionId}"><input type="hidden" name="token" value="${token}">
<div class="buttons"><a class="button" href="/billing">${texts.back}</a><button class="primary" type="submit">${when === 'now' ? texts.confirm : texts.confirmLater}</button></div></form>
</div>`;
  return page({ title: texts.previewTitle, site: view.site, language: view.language, body });
}
