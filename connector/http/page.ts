/** The frame of every page: one style sheet of our own, no inline style, no inline script. */
import type { Request } from 'express';
import type { Language } from './field-texts.ts';
import { type Html, html } from './html.ts';

interface Page {
  readonly title: string;
  /** What the site is called; the catalogue's name. */
  readonly site: string;
  readonly language: Language;
  readonly body: Html;
  /** Scripts to load after the page, in order: our own assets, or Stripe.js on the pay page. */
  readonly scripts?: readonly string[];
  /** Seconds after which a browser without scripts loads the page again. */
  readonly refreshSeconds?: number;
}

const SKIP = { en: 'Skip to content', fr: 'Aller au contenu' };

export function page({ title, site, language, body, scripts = [], refreshSeconds }: Page): string {
  const refresh =
    refreshSeconds !== undefined &&
    html`<noscript><meta http-equiv="refresh" content="${refreshSeconds}"></noscript>`;
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} – ${site}</title>
<link rel="stylesheet" href="/assets/style.css">
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
${refresh}
</head>
<body>
<a class="hidden skip" href="#content">${SKIP[language]}</a>
<header class="top"><div><span class="mark" aria-hidden="true"></span>${site}</div></header>
<main id="content">
${body}
</main>
${scripts.map((src) => html`<script src="${src}" defer></script>\n`)}</body>
</html>
`.text;
}

/** English unless the browser prefers French. */
export function languageOf(req: Request): Language {
  return req.acceptsLanguages('en', 'fr') === 'fr' ? 'fr' : 'en';
}
