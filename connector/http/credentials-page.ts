/** The credentials page's HTML: what can be had, the key itself, and why something cannot be had. */
import type { StoredLink } from '../credentials/links.ts';
import type { StorageKey } from '../credentials/storage-key.ts';
import { CREDENTIALS_TEXTS, type Refusal } from './credentials-texts.ts';
import type { Language } from './field-texts.ts';
import { html } from './html.ts';
import { page } from './page.ts';

interface Frame {
  readonly site: string;
  readonly language: Language;
  /** Where portal users log in. */
  readonly portalUrl: string;
}

export function offerPage(frame: Frame, { link, path }: { link: StoredLink; path: string }): string {
  const texts = CREDENTIALS_TEXTS[frame.language];
  const day = new Intl.DateTimeFormat(frame.language, { dateStyle: 'long', timeZone: 'UTC' }).format(
    link.expiresAt,
  );
  const button = (
    what: { title: string; text: string; button: string },
    action: string,
  ) => html`<section class="card">
<h2>${what.title}</h2>
<p>${what.text}</p>
<form method="post" action="${action}"><button class="primary" type="submit">${what.button}</button></form>
</section>
`;
  const body = html`<div class="narrow">
<h1>${texts.title}</h1>
<p class="lead">${texts.lead(link.person, link.project)}</p>
${link.partnerId !== null && button(texts.password, `${path}/password`)}${
  link.stakeholderId === null && button(texts.storage, `${path}/storage-key`)
}<p class="hint">${texts.until(day)} <a href="${frame.portalUrl}">${texts.portal}</a></p>
</div>`;
  return page({ title: texts.title, site: frame.site, language: frame.language, body });
}

export function keyPage(
  frame: Frame,
  { key, until, path }: { key: StorageKey; until: Date; path: string },
): string {
  const texts = CREDENTIALS_TEXTS[frame.language];
  const time = new Intl.DateTimeFormat(frame.language, { timeStyle: 'short', timeZone: 'UTC' }).format(until);
  const body = html`<div class="narrow">
<h1>${texts.key.title}</h1>
<p class="lead">${texts.key.warning(time)}</p>
<section class="card"><dl>
<dt>${texts.key.id}</dt><dd><code id="key-id">${key.keyId}</code></dd>
<dt>${texts.key.secret}</dt><dd><code id="application-key">${key.applicationKey}</code></dd>
<dt>${texts.key.bucket}</dt><dd><code>${key.bucket}</code></dd>
${key.prefix !== '' && html`<dt>${texts.key.prefix}</dt><dd><code>${key.prefix}</code></dd>`}
</dl></section>
<p class="buttons"><a class="button" href="${path}">${texts.back}</a></p>
</div>`;
  return page({ title: texts.key.title, site: frame.site, language: frame.language, body });
}

/** @param input.path the credentials page, when going back to it helps */
export function refusalPage(frame: Frame, { refusal, path }: { refusal: Refusal; path?: string }): string {
  const texts = CREDENTIALS_TEXTS[frame.language];
  const [title, text] = texts.refusals[refusal];
  const body = html`<div class="narrow">
<h1>${title}</h1>
<p class="lead">${text}</p>
${path !== undefined && html`<p><a class="button" href="${path}">${texts.back}</a></p>`}
${refusal === 'has_password' && html`<p><a class="button primary" href="${frame.portalUrl}">${texts.portal}</a></p>`}
</div>`;
  return page({ title, site: frame.site, language: frame.language, body });
}

/** For a portal on an address that the page's policy did not name: a link may lead anywhere, a form may not. */
export function goOnPage(frame: Frame, url: string): string {
  const texts = CREDENTIALS_TEXTS[frame.language];
  const body = html`<div class="narrow">
<h1>${texts.password.title}</h1>
<p><a class="button primary" rel="noreferrer" href="${url}">${texts.goOn}</a></p>
</div>`;
  return page({ title: texts.password.title, site: frame.site, language: frame.language, body });
}
