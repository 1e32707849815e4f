/** Plain pages without any script of their own. */
import type { ServerResponse } from 'node:http';
import { digitsOf } from './currencies.ts';

export interface Page {
  readonly status: number;
  readonly html?: string;
  readonly location?: string;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

const STYLE = `
body{font:16px/1.5 system-ui,sans-serif;margin:0;color:#1a1f36;background:#fff}
main{max-width:28rem;margin:0 auto;padding:1.5rem}
.badge{background:#ffde92;border-radius:4px;font-size:12px;font-weight:700;padding:2px 6px}
table{border-collapse:collapse;margin:1rem 0;width:100%}td{padding:.25rem 0}td:last-child{text-align:right}
.total td{border-top:1px solid #e3e8ee;font-weight:700}
label{display:block;margin:.75rem 0 0}
input{border:1px solid #a3acb9;border-radius:6px;box-sizing:border-box;font:inherit;padding:.6rem;width:100%}
.row{display:grid;gap:.75rem;grid-template-columns:1fr 1fr}
button{background:#0055de;border:0;border-radius:6px;color:#fff;cursor:pointer;font:inherit;font-weight:600;margin-top:1rem;padding:.75rem 1rem;width:100%}
button.quiet{background:#fff;border:1px solid #a3acb9;color:#1a1f36}
[role=alert]{background:#fde9ee;border-radius:6px;color:#b3093c;padding:.75rem}`;

export function layout(title: string, body: string, script = ''): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style>${script}</head>
<body><main><p><span class="badge">SANDBOX</span></p>${body}</main></body></html>`;
}

export function messagePage(status: number, title: string, text: string): Page {
  return { status, html: layout(title, `<h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>`) };
}

export function send(res: ServerResponse, page: Page): void {
  res
    .writeHead(page.status, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      ...(page.location !== undefined && { location: page.location }),
    })
    .end(page.html ?? '');
}

/** e.g. `1,750.00 USD`, `1,750 JPY` */
export function money(amount: number, currency: string): string {
  const digits = digitsOf(currency);
  const major = (amount / 10 ** digits).toLocaleString('en-US', { minimumFractionDigits: digits });
  return `${major} ${currency.toUpperCase()}`;
}
