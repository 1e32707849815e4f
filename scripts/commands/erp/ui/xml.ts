/** View architectures as text, in the very form Odoo stores them, so that comparing texts tells whether somebody changed one. */

type Attributes = Readonly<Record<string, string>>;

export const xml = (tag: string, attributes: Attributes = {}, ...children: readonly string[]): string => {
  const opening = [tag, ...Object.entries(attributes).map(([name, value]) => `${name}="${escaped(value)}"`)];
  return children.length === 0
    ? `<${opening.join(' ')}/>`
    : `<${opening.join(' ')}>${children.join('')}</${tag}>`;
};

export const field = (name: string, attributes: Attributes = {}): string =>
  xml('field', { name, ...attributes });

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
