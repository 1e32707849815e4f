/** One leaf of a domain as a test of a row. */
import type { Compiled, Test } from './domain.ts';
import { compileDomain } from './domain.ts';
import { isStored } from './fields.ts';
import { type Leaf, matcher, reader } from './match.ts';
import type { Field } from './types.ts';
import { isEmpty } from './values.ts';

const NEGATIONS: Readonly<Record<string, string>> = {
  '!=': '=',
  '<>': '=',
  'not in': 'in',
  'not like': 'like',
  'not ilike': 'ilike',
  'not =like': '=like',
  'not =ilike': '=ilike',
  'not any': 'any',
};

const POSITIVE = new Set([
  '=',
  'in',
  '<',
  '<=',
  '>',
  '>=',
  'like',
  'ilike',
  '=like',
  '=ilike',
  '=?',
  'child_of',
  'parent_of',
  'any',
]);

export const OPERATORS: ReadonlySet<string> = new Set([...POSITIVE, '==', ...Object.keys(NEGATIONS)]);

export function condition(leaf: Leaf): Compiled {
  const opposite = NEGATIONS[leaf.operator];
  if (opposite !== undefined) {
    // Empty counts as different, as in Odoo: `!=` is "not equal or empty".
    const { test } = condition({ ...leaf, operator: opposite });
    return { test: (row) => !test(row), candidates: undefined };
  }
  const [name, ...rest] = leaf.path;
  const field = leaf.model.fields.get(name!);
  if (field === undefined) throw leaf.unknown();
  if (rest.length > 0) return throughRelation(leaf, name!, field, rest);
  if (leaf.operator === '=?' && isEmpty(leaf.value)) return { test: () => true, candidates: undefined };
  if (leaf.operator === 'any') return anyOf(leaf, name!, field);
  if (leaf.operator === 'child_of' || leaf.operator === 'parent_of') return family(leaf, name!, field);
  const read = reader(leaf.env, leaf.model, name!, field);
  const matches = matcher(leaf, field);
  const test: Test = (row) => {
    const value = read(row);
    return Array.isArray(value)
      ? value.length === 0
        ? matches(false)
        : value.some((id) => matches(id))
      : matches(value);
  };
  return { test, candidates: candidatesOf(leaf, name!, field) };
}

function candidatesOf(leaf: Leaf, name: string, field: Field): ReadonlySet<number> | undefined {
  const wanted = ['=', '==', '=?'].includes(leaf.operator)
    ? [leaf.value]
    : leaf.operator === 'in' && Array.isArray(leaf.value)
      ? leaf.value
      : undefined;
  if (wanted === undefined || wanted.some((value) => isEmpty(value))) return undefined;
  if (name === 'id') return new Set(wanted.map(Number));
  if (!isStored(field)) return undefined;
  if (field.type === 'many2one' && wanted.some((value) => typeof value !== 'number')) return undefined;
  const ids = new Set<number>();
  for (const value of wanted) {
    const found = leaf.env.erp.tables.lookup(leaf.model.name, name, value);
    if (found === undefined) return undefined;
    for (const id of found) ids.add(id);
  }
  return ids;
}

function throughRelation(leaf: Leaf, name: string, field: Field, rest: readonly string[]): Compiled {
  if (field.relation === undefined) throw leaf.unknown();
  const { env } = leaf;
  const target = env.erp.registry.get(field.relation);
  const inner = condition({ ...leaf, env, model: target, path: rest });
  return over({ leaf, name, field, relation: field.relation, test: inner.test });
}

function anyOf(leaf: Leaf, name: string, field: Field): Compiled {
  if (field.relation === undefined) throw leaf.unknown();
  const inner = compileDomain(leaf.env, leaf.env.erp.registry.get(field.relation), leaf.value);
  return over({ leaf, name, field, relation: field.relation, test: inner.test });
}

function over(input: { leaf: Leaf; name: string; field: Field; relation: string; test: Test }): Compiled {
  const { leaf, name, field, relation, test } = input;
  const read = reader(leaf.env, leaf.model, name, field);
  // A path ending in "is empty" also holds for a record without the relation itself.
  const ofNothing = isEmpty(leaf.value) && leaf.operator === '=';
  return {
    test(row) {
      const value = read(row);
      const ids = Array.isArray(value) ? (value as number[]) : typeof value === 'number' ? [value] : [];
      if (ids.length === 0) return ofNothing;
      return ids.some((id) => {
        const there = leaf.env.erp.tables.get(relation, id);
        return there !== undefined && test(there);
      });
    },
    candidates: undefined,
  };
}

function family(leaf: Leaf, name: string, field: Field): Compiled {
  const { env, model } = leaf;
  const target = name === 'id' ? model : env.erp.registry.get(field.relation ?? model.name);
  const parent = target.fields.has('parent_id') ? 'parent_id' : 'x_parent_id';
  const roots = (Array.isArray(leaf.value) ? leaf.value : [leaf.value]).map(Number);
  const ids = new Set<number>();
  const queue = [...roots];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (ids.has(id) || env.erp.tables.get(target.name, id) === undefined) continue;
    ids.add(id);
    if (leaf.operator === 'child_of') queue.push(...(env.erp.tables.lookup(target.name, parent, id) ?? []));
    else queue.push(Number(env.erp.tables.get(target.name, id)?.[parent] || 0));
  }
  const read = reader(env, model, name, field);
  return {
    test(row) {
      const value = read(row);
      return Array.isArray(value) ? value.some((id) => ids.has(id as number)) : ids.has(Number(value));
    },
    candidates: name === 'id' ? ids : undefined,
  };
}
