/** What the running key sees of the ERP's models: fields and rights. It cannot read `ir.model`, nor need it. */
import { ConnectorError } from '../errors.ts';
import type { Odoo } from '../odoo/odoo.ts';

export interface ErpField {
  readonly type: string;
  readonly readonly: boolean;
  readonly relation?: string;
  /** Value and label; of selection fields. */
  readonly selection?: readonly (readonly [value: string, label: string])[];
}

export type ErpFields = Readonly<Record<string, ErpField>>;
export type Operation = 'create' | 'read' | 'write' | 'unlink';

// How the transports say that there is no such model ("Object x_nope doesn't exist", KeyError, 404).
const NO_MODEL = new Set(['odoo_refused', 'odoo_bad_call', 'odoo_not_found', 'odoo_missing']);

/** @returns undefined when there is no such model @throws ConnectorError as `rules.ts` says */
export async function fieldsOf(odoo: Odoo, model: string): Promise<ErpFields | undefined> {
  try {
    return await odoo.call<ErpFields>(model, 'fields_get', {
      attributes: ['type', 'readonly', 'relation', 'selection'],
    });
  } catch (thrown) {
    if (thrown instanceof ConnectorError && NO_MODEL.has(thrown.code)) return undefined;
    throw thrown;
  }
}

/** What the key may not do of these; record rules are not looked at. */
export async function rightsLacking(
  odoo: Odoo,
  model: string,
  operations: readonly Operation[],
): Promise<readonly Operation[]> {
  const granted = await Promise.all(operations.map((operation) => may(odoo, model, operation)));
  return operations.filter((_, index) => granted[index] !== true);
}

/** `has_access` came with 18 and replaces `check_access_rights`, which later versions need not have. */
export async function may(odoo: Odoo, model: string, operation: Operation): Promise<boolean> {
  const { major } = await odoo.version();
  return major >= 18
    ? odoo.call<boolean>(model, 'has_access', { ids: [], operation })
    : odoo.call<boolean>(model, 'check_access_rights', { operation, raise_exception: false });
}
