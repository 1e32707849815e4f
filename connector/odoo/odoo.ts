/** The ERP as the connector sees it: named methods on models, `load`, external ids; the same over every transport and version. */

import { ConnectorError } from '../errors.ts';
import { createLimit } from '../limit.ts';
import type { Log } from '../log.ts';
import { createHttp } from './http.ts';
import { createJson2 } from './json2.ts';
import { createJsonRpc } from './jsonrpc.ts';
import { loadRecords } from './load.ts';
import { normalise } from './normalise.ts';
import { onceMoreAfterReset } from './repeat.ts';
import type { LoadOptions, Row } from './row.ts';
import type { Call, CallArguments, Transport } from './transport.ts';
import { detectVersion, type OdooVersion } from './version.ts';
import { NEWEST_KNOWN } from './versions/index.ts';
import { createXmlRpc, xmlRpcVersion } from './xmlrpc.ts';

export type OdooTransport = 'auto' | 'json2' | 'jsonrpc' | 'xmlrpc';

export interface OdooOptions {
  /** Address of the server, with or without a trailing slash. */
  readonly url: string;
  readonly db: string;
  readonly username: string;
  readonly apiKey: string;
  readonly transport: OdooTransport;
  /** Calls in flight at once; Odoo's threaded server answers HTML 500 above some 64. */
  readonly maxConnections?: number;
  /** Milliseconds a call that may write may take. Odoo itself repeats a serialisation conflict for up to 88 s (version 17). */
  readonly writeTimeoutMs?: number | undefined;
  readonly readTimeoutMs?: number | undefined;
  readonly log: Log;
}

export interface Odoo {
  /** The server's version, asked once. */
  version(): Promise<OdooVersion>;
  /**
   * Calls a public method. `ids` are the records it is called on; every other argument goes by its Python name,
   * `context` included. A method that returns nothing gives null; one that returns records gives their ids as numbers.
   * @throws ConnectorError as `rules.ts` says
   */
  call<T = unknown>(model: string, method: string, args?: CallArguments): Promise<T>;
  /**
   * `Model.load`: all rows or none. Without the column `id` (external id) or `.id` (database id) it only creates.
   * Booleans are `'True'`/`'False'`, an empty string is "empty".
   * @returns the ids, in the order of the rows
   * @throws ConnectorError permanent `odoo_load_refused` whose `details.problems` are `LoadProblem[]`
   */
  load(
    model: string,
    fields: readonly string[],
    rows: readonly Row[],
    options?: LoadOptions,
  ): Promise<number[]>;
  /** The record behind an external id, archived ones included; null: no such external id, or not readable by us. */
  xmlidToRes(module: string, name: string): Promise<{ model: string; id: number } | null>;
}

/** Makes the port; nothing is asked of the server before the first call. */
export function createOdoo(options: OdooOptions): Odoo {
  const limit = createLimit(options.maxConnections ?? 8);
  const http = createHttp({
    url: options.url,
    secret: options.apiKey,
    readTimeoutMs: options.readTimeoutMs ?? 30_000,
    writeTimeoutMs: options.writeTimeoutMs ?? 120_000,
  });
  let version: Promise<OdooVersion> | undefined;
  let transport: Promise<Transport> | undefined;

  const askVersion = async () => {
    const found = await limit(() =>
      options.transport === 'xmlrpc' ? xmlRpcVersion(http) : detectVersion(http),
    );
    if (found.major > NEWEST_KNOWN)
      options.log.warn(
        { system: 'odoo', version: found.text },
        `this ERP is newer than any the connector was tested with, and is taken to be like Odoo ${NEWEST_KNOWN}`,
      );
    return found;
  };
  const onFailureForget = <T>(promise: Promise<T>, forget: () => void): Promise<T> => {
    promise.catch(forget);
    return promise;
  };
  const getVersion = () => {
    version ??= onFailureForget(askVersion(), () => {
      version = undefined;
    });
    return version;
  };
  const getTransport = () => {
    transport ??= onFailureForget(choose(), () => {
      transport = undefined;
    });
    return transport;
  };
  async function choose(): Promise<Transport> {
    if (options.transport === 'xmlrpc') return createXmlRpc(options);
    if (options.transport === 'jsonrpc') return createJsonRpc(options, http);
    if (options.transport === 'json2') return createJson2(options, http);
    const { major } = await getVersion();
    options.log.debug({ system: 'odoo', major }, 'ERP version');
    return major >= 19 ? createJson2(options, http) : createJsonRpc(options, http);
  }

  async function call<T>(model: string, method: string, args: CallArguments = {}): Promise<T> {
    const request: Call = { model, method, args };
    const chosen = await getTransport();
    const result = await onceMoreAfterReset(request, () => limit(() => chosen.call(request)));
    return normalise(method, result) as T;
  }

  return {
    version: getVersion,
    call,
    load: (model, fields, rows, loadOptions) => loadRecords({ call, model, fields, rows, ...loadOptions }),
    xmlidToRes: async (module, name) => {
      try {
        const [model, id] = await call<[string, number | false]>('ir.model.data', 'check_object_reference', {
          module,
          xml_id: name,
          context: { active_test: false },
        });
        return id === false ? null : { model, id };
      } catch (thrown) {
        // An unknown external id is a Python ValueError, in every version.
        if (thrown instanceof ConnectorError && thrown.details?.exception === 'builtins.ValueError')
          return null;
        throw thrown;
      }
    },
  };
}
