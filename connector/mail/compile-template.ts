/** One template in one language: its three parts, each compiled in its own manner of escaping. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';
import { HELPER_NAMES, registerHelpers } from './helpers.ts';
import { type Variable, variablesOf } from './variables.ts';

export interface Rendered {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface Template {
  readonly variables: readonly Variable[];
  render(data: Record<string, unknown>): Rendered;
}

/** @throws Error naming the file, the line, an unknown helper or partial */
export function compileTemplate(input: {
  folder: string;
  locale: string;
  layout: string;
  words: Readonly<Record<string, string>>;
}): Template {
  const handlebars = Handlebars.create();
  registerHelpers(handlebars, input);
  handlebars.registerPartial('layout', input.layout);
  const sources = {
    subject: read(input.folder, 'subject'),
    text: read(input.folder, 'text'),
    html: read(input.folder, 'html'),
  };
  const compile = (source: string, noEscape: boolean) =>
    handlebars.compile(source, {
      strict: true,
      noEscape,
      knownHelpersOnly: true,
      knownHelpers: Object.fromEntries(HELPER_NAMES.map((name) => [name, true])),
    });
  const subject = compile(sources.subject, true);
  const text = compile(sources.text, true);
  const html = compile(sources.html, false);
  return {
    variables: union([...Object.values(sources), input.layout].map(variablesOf)),
    render(data) {
      const lines = oneLine(data) as Record<string, unknown>;
      const title = subject(lines).trim();
      return {
        subject: title,
        text: text(lines),
        html: html(lines, { data: { locale: input.locale, title } }),
      };
    },
  };
}

const read = (folder: string, part: string) => readFileSync(join(folder, `${part}.hbs`), 'utf8');

/** Needed somewhere: may be null only where every part allows it. */
function union(parts: readonly (readonly Variable[])[]): readonly Variable[] {
  const all = new Map<string, boolean>();
  for (const { path, nullable } of parts.flat()) all.set(path, (all.get(path) ?? true) && nullable);
  return [...all].map(([path, nullable]) => ({ path, nullable }));
}

/** Names and codes are one line: what a customer typed cannot add a paragraph of its own to our text. */
function oneLine(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  if (Array.isArray(value)) return value.map(oneLine);
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, oneLine(inner)]));
}
