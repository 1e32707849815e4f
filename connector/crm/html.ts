const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => ESCAPES[sign]!);

/** A template literal whose inserted values are escaped: html`<p>${name}</p>`. */
export function html(strings: TemplateStringsArray, ...values: readonly unknown[]): string {
  return String.raw({ raw: strings }, ...values.map((value) => escapeHtml(String(value))));
}

/** A link that opens beside the ERP; Odoo's own sanitising keeps it. */
export const link = (url: string, text: string): string =>
  html`<a href="${url}" target="_blank" rel="noreferrer">${text}</a>`;
