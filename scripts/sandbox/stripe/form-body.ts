/** Stripe's form encoding: `a[b][0][c]=x` for nested objects and arrays. https://docs.stripe.com/api (the curl examples) */
import { invalidParameter } from './errors.ts';

export type FormValue = string | FormObject;
/** Without a prototype, so that a key such as `__proto__` is a key like any other. */
export interface FormObject {
  [key: string]: FormValue;
}

/** Arrays come out as objects with the keys 0, 1, 2…, or as `''` keys counted up for `a[]=x`. */
export function parseForm(encoded: string): FormObject {
  const root = emptyObject();
  for (const [name, value] of new URLSearchParams(encoded)) assign(root, pathOf(name), value);
  return root;
}

/** An indexed object as a list, in the order of its keys. */
export function asList(value: FormObject): FormValue[] {
  return Object.entries(value)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, item]) => item);
}

function emptyObject(): FormObject {
  return Object.create(null) as FormObject;
}

function pathOf(name: string): string[] {
  const match = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(name);
  if (!match) throw invalidParameter(`Invalid parameter name: ${name}`, name);
  const inner = [...match[2]!.matchAll(/\[([^[\]]*)\]/g)].map((part) => part[1]!);
  return [match[1]!, ...inner];
}

function assign(root: FormObject, path: readonly string[], value: string): void {
  let target = root;
  for (const [depth, part] of path.entries()) {
    const key = part === '' ? String(Object.keys(target).length) : part;
    if (depth === path.length - 1) {
      target[key] = value;
      return;
    }
    const next = target[key];
    if (typeof next === 'object') target = next;
    else {
      const made = emptyObject();
      target[key] = made;
      target = made;
    }
  }
}
