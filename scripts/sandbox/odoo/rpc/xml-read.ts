/** Reads an XML-RPC call (http://xmlrpc.com/spec.md, with Odoo's `<nil/>`). */

export interface XmlCall {
  readonly method: string;
  readonly params: unknown[];
}

type Token =
  | { readonly tag: string; readonly close: boolean; readonly empty: boolean }
  | { readonly text: string };

const TOKEN = /<(\/?)([\w.]+)\s*(\/?)>|<!\[CDATA\[([\s\S]*?)\]\]>|<[?!][^>]*>|([^<]+)/g;

/** Undefined: not an XML-RPC call. */
export function readCall(source: string): XmlCall | undefined {
  try {
    const reader = createReader(source);
    reader.open('methodCall');
    const method = reader.textOf('methodName');
    const params: unknown[] = [];
    if (reader.tryOpen('params') === 'open')
      while (reader.tryOpen('param') === 'open') {
        params.push(reader.value());
        reader.close('param');
      }
    return { method, params };
  } catch (thrown) {
    if (thrown instanceof NotXmlRpc) return undefined;
    throw thrown;
  }
}

class NotXmlRpc extends Error {}

function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  for (const [, slash, tag, selfClosing, verbatim, text] of source.matchAll(TOKEN)) {
    if (tag !== undefined) tokens.push({ tag, close: slash === '/', empty: selfClosing === '/' });
    else if (verbatim !== undefined) tokens.push({ text: verbatim });
    else if (text !== undefined) tokens.push({ text: decode(text) });
  }
  return tokens;
}

function createReader(source: string) {
  const tokens = tokensOf(source);
  let at = 0;

  const skipBlank = () => {
    for (
      let token = tokens[at];
      token !== undefined && 'text' in token && token.text.trim() === '';
      token = tokens[at]
    )
      at += 1;
  };
  const next = () => {
    skipBlank();
    return tokens[at];
  };
  /** Steps into the element if it is the next. */
  const tryOpen = (tag: string): 'open' | 'empty' | 'other' => {
    const token = next();
    if (token === undefined || !('tag' in token) || token.tag !== tag || token.close) return 'other';
    at += 1;
    return token.empty ? 'empty' : 'open';
  };
  const open = (tag: string) => {
    if (tryOpen(tag) !== 'open') throw new NotXmlRpc();
  };
  const close = (tag: string) => {
    const token = next();
    if (token === undefined || !('tag' in token) || token.tag !== tag || !token.close) throw new NotXmlRpc();
    at += 1;
  };
  const rawText = (): string => {
    let text = '';
    for (let token = tokens[at]; token !== undefined && 'text' in token; token = tokens[at]) {
      text += token.text;
      at += 1;
    }
    return text;
  };
  const textOf = (tag: string): string => {
    open(tag);
    const text = rawText();
    close(tag);
    return text;
  };

  const struct = (): Record<string, unknown> => {
    const entries: [string, unknown][] = [];
    while (tryOpen('member') === 'open') {
      const name = textOf('name');
      entries.push([name, value()]);
      close('member');
    }
    return Object.fromEntries(entries);
  };

  const array = (): unknown[] => {
    const items: unknown[] = [];
    if (tryOpen('data') === 'open') {
      for (let token = next(); token !== undefined && 'tag' in token && token.tag === 'value'; token = next())
        items.push(value());
      close('data');
    }
    return items;
  };

  const typed = (tag: string): unknown => {
    if (tag === 'struct') return struct();
    if (tag === 'array') return array();
    const text = rawText();
    if (tag === 'int' || tag === 'i4' || tag === 'i8') return Number.parseInt(text, 10);
    if (tag === 'double') return Number(text);
    if (tag === 'boolean') return text.trim() === '1';
    if (tag === 'base64') return text.replaceAll(/\s/g, '');
    return text;
  };

  const value = (): unknown => {
    const opened = tryOpen('value');
    if (opened === 'empty') return '';
    if (opened === 'other') throw new NotXmlRpc();
    const text = rawText();
    const token = tokens[at];
    if (token !== undefined && 'tag' in token && !token.close) {
      at += 1;
      const result = token.empty ? emptyOf(token.tag) : typed(token.tag);
      if (!token.empty) close(token.tag);
      close('value');
      return result;
    }
    close('value');
    return text;
  };

  return { open, tryOpen, close, textOf, value };
}

const emptyOf = (tag: string): unknown =>
  tag === 'nil' ? null : tag === 'array' ? [] : tag === 'struct' ? {} : '';

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const decode = (text: string) =>
  text
    .replaceAll(/&#x([0-9a-f]+);/gi, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
    .replaceAll(/&#(\d+);/g, (_, decimal: string) => String.fromCodePoint(Number(decimal)))
    .replaceAll(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => ENTITIES[name]!);
