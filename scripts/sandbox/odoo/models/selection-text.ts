/** The choices of a selection field as Python text: `[('a', 'A'), ("b", "B")]`. */
import { validationError } from '../errors.ts';

const PAIR =
  /\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*,\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*,?\s*\)/g;

/** @throws OdooError ValidationError for anything that is not a list of pairs. */
export function parseSelection(source: string): [value: string, label: string][] {
  const pairs = [...source.matchAll(PAIR)].map(([, a, b, c, d]): [string, string] => [
    withoutEscapes(a ?? b ?? ''),
    withoutEscapes(c ?? d ?? ''),
  ]);
  if (pairs.length === 0 && source.trim() !== '[]')
    throw validationError(
      `The Selection Options expression is not a valid Pythonic expression. Please provide an expression in the [('key','Label'), ...] format.`,
    );
  return pairs;
}

const withoutEscapes = (text: string) => text.replaceAll(/\\(.)/g, '$1');
