/** One endpoint of the API. */
import type { Core } from './core.ts';
import type { Fields } from './params.ts';

interface Call {
  readonly core: Core;
  /** What stands for `:name` in the path. */
  readonly path: Readonly<Record<string, string>>;
  readonly params: unknown;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** e.g. `/v1/customers/:id` */
  readonly path: string;
  readonly fields: Fields;
  readonly run: (call: Call) => object;
}

/** A route whose parameters are typed as stripe-node sends them. */
export function route<Params>(
  method: Route['method'],
  path: string,
  fields: Fields,
  run: (input: { core: Core; id: string; sub: string; params: Params; path: string }) => object,
): Route {
  return {
    method,
    path,
    fields,
    run: ({ core, path: names, params }) =>
      run({
        core,
        id: names.id ?? '',
        sub: names.sub ?? '',
        params: params as Params,
        path: path.replace(/:(\w+)/g, (_, name: string) => names[name] ?? ''),
      }),
  };
}
