/** Step 6: Stripe's embedded checkout, and a way to its own page for who cannot see it. */
import { html } from '../html.ts';
import { priceTable } from './review-page.ts';
import { pathOf, stepPage, type View } from './view.ts';

export interface Payment {
  readonly publishableKey: string;
  readonly clientSecret: string;
  readonly stripeJs: string;
}

export function payPage(view: View, { publishableKey, clientSecret, stripeJs }: Payment): string {
  const { words } = view.texts;
  const body = html`<div class="pay"><div>
<div class="card" id="checkout" data-publishable-key="${publishableKey}" data-client-secret="${clientSecret}" data-failed="${words.failed}">${words.loading}</div>
<div class="trouble">${words.trouble} <form method="post" action="${pathOf('pay')}"><button class="link" id="hosted">${words.hosted}</button></form></div>
</div>
<aside class="card"><div class="card-head"><h2>${words.yourOrder}</h2></div>${priceTable(view)}
<p><a href="${pathOf('review')}">${words.back}</a></p></aside></div>`;
  return stepPage(view, 'pay', body, [stripeJs, '/assets/pay.js']);
}
