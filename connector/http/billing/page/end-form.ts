/** Ending a subscription on the billing page, taking that back, and taking a paused one up again. */
import { type Html, html } from '../../html.ts';
import { day } from './formats.ts';
import { BILLING_TEXTS } from './texts.ts';
import type { BillingView, ShownSubscription } from './view.ts';

export function endForm(view: BillingView, { row, live }: ShownSubscription): Html {
  const { cancel, reactivate, resume } = BILLING_TEXTS[view.language];
  const id = html`<input type="hidden" name="subscription" value="${row.id}">`;
  if (row.cancelAtPeriodEnd || row.cancelAt !== null)
    return html`<form method="post" action="/billing/reactivate">${id}<button class="primary" type="submit">${reactivate}</button></form>`;
  const paused = row.status === 'paused';
  const until = row.currentPeriodEnd;
  return html`${
    (paused || live?.collectionPaused === true) &&
    html`<form method="post" action="/billing/resume">${id}<p class="hint">${paused ? resume.text : resume.collecting}</p><button class="primary" type="submit">${resume.button}</button></form>
`
  }<details><summary>${cancel.title}</summary>
${until !== null && !paused && html`<p>${cancel.text(day(view, until))}</p>`}
<form method="post" action="/billing/cancel">${id}
<div class="field"><label for="feedback-${row.id}">${cancel.reason}</label><select id="feedback-${row.id}" name="feedback"><option value=""></option>${Object.entries(
    cancel.reasons,
  ).map(([key, text]) => html`<option value="${key}">${text}</option>`)}</select></div>
<div class="field"><label for="comment-${row.id}">${cancel.comment}</label><textarea id="comment-${row.id}" name="comment" rows="3" maxlength="1000"></textarea></div>
<button class="danger" type="submit">${cancel.button}</button></form></details>`;
}
