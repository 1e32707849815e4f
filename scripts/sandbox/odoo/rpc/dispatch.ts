/** Finds a method, binds its arguments as Python would, and runs it in one transaction. */
import { accessError, attributeError, typeError } from '../errors.ts';
import { GENERIC } from '../methods/generic.ts';
import type { Env, Erp, Method, Model } from '../orm/types.ts';

/** @throws OdooError AccessError for a private method, AttributeError for an unknown one. */
export function findMethod(erp: Erp, model: Model, name: string): Method {
  if (name.startsWith('_'))
    throw accessError(
      erp.version === 19
        ? `Private methods (such as '${model.name}.${name}') cannot be called remotely.`
        : `Private methods (such as ${name}) cannot be called remotely.`,
    );
  const method = methodOf(erp, model, name);
  if (method === undefined)
    throw attributeError(
      erp.version === 19
        ? `The method '${model.name}.${name}' does not exist`
        : `The method '${name}' does not exist on the model '${model.name}'`,
    );
  return method;
}

export function methodOf(erp: Erp, model: Model, name: string): Method | undefined {
  const method = model.methods.get(name) ?? GENERIC[name];
  return method?.versions !== undefined && !method.versions.includes(erp.version) ? undefined : method;
}

/** Positional and named arguments as one record by name. @throws OdooError TypeError */
export function bindArguments(
  method: Method,
  input: { name: string; positional: readonly unknown[]; named: Readonly<Record<string, unknown>> },
): Record<string, unknown> {
  const called = `BaseModel.${input.name}()`;
  if (input.positional.length > method.params.length)
    throw typeError(
      `${called} takes ${method.params.length + 1} positional arguments but ${input.positional.length + 1} were given`,
    );
  const bound: Record<string, unknown> = {};
  input.positional.forEach((value, at) => {
    bound[method.params[at]!] = value;
  });
  for (const [name, value] of Object.entries(input.named)) {
    const param = aliasOf(method, name);
    if (param === undefined) throw typeError(`${called} got an unexpected keyword argument '${name}'`);
    if (param in bound) throw typeError(`${called} got multiple values for argument '${name}'`);
    bound[param] = value;
  }
  const missing = method.params.slice(0, method.required ?? 0).filter((param) => !(param in bound));
  if (missing.length > 0)
    throw typeError(
      `${called} missing ${missing.length} required positional argument${missing.length > 1 ? 's' : ''}: ${missing.map((name) => `'${name}'`).join(' and ')}`,
    );
  return bound;
}

/** `write(values)` on some models of 17 and 18 is `write(vals)` elsewhere. */
export const aliasOf = (method: Method, name: string): string | undefined =>
  method.params.includes(name)
    ? name
    : name === 'values' && method.params.includes('vals')
      ? 'vals'
      : undefined;

export function toIds(value: unknown): number[] {
  if (Array.isArray(value)) return value.map(Number);
  return value === undefined || value === null || value === false ? [] : [Number(value)];
}

/** Undefined is Python's None. */
export function callMethod(input: {
  env: Env;
  model: Model;
  method: Method;
  ids: readonly number[];
  args: Record<string, unknown>;
}): unknown {
  const { env, model, method, ids, args } = input;
  return env.erp.tables.transaction(() => method.run({ env, model, ids, args }));
}

/** The call as JSON-RPC and XML-RPC make it: ids first, then arguments, then names. */
export function executeKw(
  env: Env,
  input: {
    model: string;
    method: string;
    args: readonly unknown[];
    kwargs: Readonly<Record<string, unknown>>;
  },
): unknown {
  const model = env.erp.registry.get(input.model);
  const method = findMethod(env.erp, model, input.method);
  const { context, ...named } = input.kwargs;
  const called = { ...env, context: { ...env.context, ...(context as Record<string, unknown> | undefined) } };
  const [first, ...rest] = input.args;
  const isModelCall = method.onModel === true;
  return callMethod({
    env: called,
    model,
    method,
    ids: isModelCall ? [] : toIds(first),
    args: bindArguments(method, { name: input.method, positional: isModelCall ? input.args : rest, named }),
  });
}
