/** The pages around logging in to the billing page. */
import type { Language } from '../../field-texts.ts';
import { fieldText } from '../../field-texts.ts';
import { type Html, html } from '../../html.ts';
import { page } from '../../page.ts';
import { LOGIN_TEXTS } from './login-texts.ts';

interface Frame {
  readonly site: string;
  readonly language: Language;
}

const narrow = ({ site, language }: Frame, title: string, body: Html): string =>
  page({ title, site, language, body: html`<div class="narrow"><h1>${title}</h1>${body}</div>` });

/** @param state.ended a session was there and is over */
export function loginPage(frame: Frame, state: { invalid?: boolean; ended?: boolean } = {}): string {
  const texts = LOGIN_TEXTS[frame.language];
  const invalid = state.invalid === true;
  return narrow(
    frame,
    texts.title,
    html`<p class="lead">${state.ended === true ? texts.ended : texts.lead}</p>
<form method="post" action="/billing/login" class="card" novalidate><div class="field"><label for="email">${texts.email}</label>
<input id="email" name="email" type="email" autocomplete="email"${invalid && html` aria-invalid="true" aria-describedby="email-error" autofocus`}>
${invalid && html`<p class="error" id="email-error">${fieldText({ pointer: '/email', code: 'email' }, frame.language)}</p>`}</div>
<button class="primary" type="submit">${texts.send}</button></form>`,
  );
}

export function sentPage(frame: Frame): string {
  const [title, text] = LOGIN_TEXTS[frame.language].sent;
  return narrow(frame, title, html`<p class="lead" role="status">${text}</p>`);
}

/** The click is a POST: a mail scanner that follows the link uses nothing up. */
export function goInPage(frame: Frame, token: string): string {
  const texts = LOGIN_TEXTS[frame.language];
  return narrow(
    frame,
    texts.title,
    html`<p class="lead">${texts.click}</p>
<form method="post" action="/billing/login/${encodeURIComponent(token)}"><button class="primary" type="submit">${texts.goIn}</button></form>`,
  );
}

export function usedPage(frame: Frame): string {
  const texts = LOGIN_TEXTS[frame.language];
  const [title, text] = texts.used;
  return narrow(
    frame,
    title,
    html`<p class="lead">${text}</p><p><a class="button primary" href="/billing">${texts.again}</a></p>`,
  );
}
