/** Commands of one2many and many2many fields: `[0,0,vals]` create, 1 write, 2 delete, 3 unlink, 4 link, 5 clear, 6 set. */
import { valueError } from '../errors.ts';
import { create } from './create.ts';
import { type Env, type Field, type Model, type Row, type Vals, withContext } from './types.ts';
import { unlink } from './unlink.ts';
import { write } from './write.ts';

type Command = readonly unknown[];

/** A plain list of ids means "set these". */
function toCommands(value: unknown): Command[] {
  if (value === false || value === null || value === undefined) return [];
  if (!Array.isArray(value)) throw valueError(`Wrong value for a relation: ${JSON.stringify(value)}`);
  return value.every((item) => typeof item === 'number')
    ? [[6, 0, value]]
    : value.map((item) => (typeof item === 'number' ? [4, item] : (item as Command)));
}

/** The new list of ids of a many2many. */
export function applyMany2many(env: Env, field: Field, current: readonly number[], value: unknown): number[] {
  const target = env.erp.registry.get(field.relation!);
  const ids = new Set(value === false || value === null ? [] : current);
  for (const [code, id, rest] of toCommands(value)) {
    switch (Number(code)) {
      case 0:
        ids.add(create(env, target, rest as Vals).id);
        break;
      case 1:
        write(env, target, [Number(id)], rest as Vals);
        break;
      case 2:
        ids.delete(Number(id));
        unlink(env, target, [Number(id)]);
        break;
      case 3:
        ids.delete(Number(id));
        break;
      case 4:
        ids.add(Number(id));
        break;
      case 5:
        ids.clear();
        break;
      case 6:
        ids.clear();
        for (const other of (rest ?? []) as number[]) ids.add(Number(other));
        break;
      default:
        throw valueError(`Unknown command ${JSON.stringify(code)}`);
    }
  }
  return [...ids];
}

/** Carries out the commands on the other side. */
export function applyOne2many(env: Env, model: Model, row: Row, field: Field, value: unknown): void {
  const target = env.erp.registry.get(field.relation!);
  const link: Vals = {
    [field.inverse!]: row.id,
    ...(field.inverseModel === undefined ? {} : { [field.inverseModel]: model.name }),
  };
  for (const [code, id, rest] of toCommands(value)) {
    switch (Number(code)) {
      case 0:
        create(withContext(env, { _within_model: true }), target, { ...(rest as Vals), ...link });
        break;
      case 1:
        write(env, target, [Number(id)], rest as Vals);
        break;
      case 2:
      case 3:
        unlink(env, target, [Number(id)]);
        break;
      case 4:
        write(env, target, [Number(id)], link);
        break;
      case 5:
        unlink(env, target, others(env, field, row, []));
        break;
      case 6:
        unlink(env, target, others(env, field, row, (rest ?? []) as number[]));
        for (const kept of (rest ?? []) as number[]) write(env, target, [Number(kept)], link);
        break;
      default:
        throw valueError(`Unknown command ${JSON.stringify(code)}`);
    }
  }
}

const others = (env: Env, field: Field, row: Row, kept: readonly number[]) =>
  [...(env.erp.tables.lookup(field.relation!, field.inverse!, row.id) ?? [])].filter(
    (id) => !kept.includes(id),
  );
