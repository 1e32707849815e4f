/** Fills a request body of `mappings/bep.json` with facts. */

/** A name in the mapping that is no fact. */
export class UnknownFact extends Error {
  override readonly name = 'UnknownFact';
}

/** The member `path` names ("project.code"); only own members, so that `__proto__` and `constructor` are none. */
export function pick(source: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => {
    const has = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
    return has ? (value as Record<string, unknown>)[name] : undefined;
  }, source);
}

/**
 * `{"from": "a.b"}` becomes that fact, `{"each": "list", "as": …}` a list with each element's own names first.
 * @throws UnknownFact
 */
export function fill(template: unknown, facts: object): unknown {
  if (Array.isArray(template)) return template.map((item) => fill(item, facts));
  if (typeof template !== 'object' || template === null) return template;
  if ('from' in template && typeof template.from === 'string') return fact(facts, template.from);
  if ('each' in template && typeof template.each === 'string' && 'as' in template) {
    const list = fact(facts, template.each);
    if (!Array.isArray(list)) throw new UnknownFact(`"${template.each}" is not a list`);
    const { as } = template;
    return list.map((item) =>
      fill(as, typeof item === 'object' ? { ...facts, ...item } : { ...facts, item }),
    );
  }
  return Object.fromEntries(Object.entries(template).map(([name, value]) => [name, fill(value, facts)]));
}

/** `{project.code}` in a text. @throws UnknownFact */
export function fillText(text: string, facts: object): string {
  return text.replace(/\{([\w.]+)\}/g, (_, path: string) => String(fact(facts, path)));
}

function fact(facts: object, path: string): unknown {
  const value = pick(facts, path);
  if (value === undefined) throw new UnknownFact(`"${path}" is not a fact`);
  return value;
}
