/** Odoo's cleaning of HTML fields and message bodies, for what a connector writes: keeps ordinary markup, drops what runs. */

const DROPPED_WITH_CONTENT = new Set([
  'script',
  'style',
  'iframe',
  'object',
  'embed',
  'noscript',
  'template',
  'title',
]);
const DROPPED = new Set([
  'html',
  'head',
  'body',
  'meta',
  'link',
  'form',
  'input',
  'button',
  'base',
  'svg',
  'math',
]);
const KEPT_ATTRIBUTES = new Set(
  (
    'abbr align alt border cellpadding cellspacing class color cols colspan data-id data-model data-oe-id ' +
    'data-oe-model data-x dir height href hspace id lang name noshade rel rows rowspan size span src start ' +
    'style summary tabindex target title type valign vspace width'
  ).split(' '),
);
const VOID = new Set(['br', 'hr', 'img', 'col', 'wbr']);
const TOKEN = /<!--[\s\S]*?-->|<(\/?)([a-zA-Z][\w:-]*)((?:[^>"']|"[^"]*"|'[^']*')*)>|<|[^<]+/g;
const ATTRIBUTE = /([^\s=/"'<>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g;

/** The same text, safe to show as HTML: no scripts, no handlers, no `javascript:` links; plain text is wrapped in a paragraph. */
export function sanitizeHtml(source: string): string {
  const open: string[] = [];
  const out: string[] = [];
  let skipping: string | undefined;
  for (const [whole, slash, rawTag, rawAttributes] of source.matchAll(TOKEN)) {
    const tag = rawTag?.toLowerCase();
    if (skipping !== undefined) {
      if (slash === '/' && tag === skipping) skipping = undefined;
      continue;
    }
    if (tag === undefined) {
      if (!whole.startsWith('<!--')) out.push(escapeText(whole));
    } else if (DROPPED_WITH_CONTENT.has(tag)) {
      if (slash !== '/' && !rawAttributes?.endsWith('/')) skipping = tag;
    } else if (DROPPED.has(tag) || tag.includes(':')) {
    } else if (slash === '/') {
      closeTo(tag, open, out);
    } else {
      out.push(`<${tag}${cleanAttributes(rawAttributes ?? '')}>`);
      if (!VOID.has(tag)) open.push(tag);
    }
  }
  while (open.length > 0) out.push(`</${open.pop()}>`);
  const clean = out.join('');
  return clean === '' || /^\s*<(p|div|ul|ol|table|h\d|blockquote|pre|section|hr)\b/.test(clean)
    ? clean
    : `<p>${clean}</p>`;
}

/** For text that is shown as HTML and may hold anything. */
export const escapeHtml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&#34;')
    .replaceAll("'", '&#39;');

/** A body sent as text, as the chatter keeps it. */
export const textBody = (text: string): string =>
  text === ''
    ? ''
    : `<p>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</p>`;

function closeTo(tag: string, open: string[], out: string[]): void {
  if (!open.includes(tag)) return;
  for (;;) {
    const last = open.pop()!;
    out.push(`</${last}>`);
    if (last === tag) return;
  }
}

function cleanAttributes(source: string): string {
  let kept = '';
  for (const [, rawName, double, single, bare] of source.matchAll(ATTRIBUTE)) {
    const name = rawName!.toLowerCase();
    if (!KEPT_ATTRIBUTES.has(name)) continue;
    const value = decodeEntities(double ?? single ?? bare ?? '');
    kept += ` ${name}="${escapeAttribute(isAddress(name) && !isHarmless(value) ? '' : value)}"`;
  }
  return kept;
}

const isAddress = (attribute: string) => attribute === 'href' || attribute === 'src';

function isHarmless(address: string): boolean {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(stripControls(address))?.[1]?.toLowerCase();
  return scheme === undefined || ['http', 'https', 'mailto', 'tel', 'cid', 'ftp'].includes(scheme);
}

/** Browsers skip these inside a scheme, so `java\tscript:` runs. */
const stripControls = (text: string) => [...text].filter((letter) => letter > ' ').join('');

/** Entities in text stay as written; a lone `&` or `<` becomes one. */
const escapeText = (text: string) =>
  text
    .replace(/&(?!#?\w+;)/g, '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');

const escapeAttribute = (value: string) =>
  value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const decodeEntities = (text: string) =>
  text
    .replaceAll(/&#x([0-9a-f]+);?/gi, (_, hex: string) => codePoint(Number.parseInt(hex, 16)))
    .replaceAll(/&#(\d+);?/g, (_, decimal: string) => codePoint(Number(decimal)))
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&colon;', ':')
    .replaceAll('&Tab;', '')
    .replaceAll('&NewLine;', '')
    .replaceAll('&amp;', '&');

const codePoint = (code: number) => (code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '');
