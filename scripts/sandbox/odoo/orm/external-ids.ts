/** External ids: `module.name` ↔ record, kept in `ir.model.data`. */
import { toDatetime } from './time.ts';
import type { Erp, Row } from './types.ts';

export interface Target {
  readonly model: string;
  readonly id: number;
  readonly dataId: number;
}

/** The record an external id names; undefined when there is none (or the record is gone). */
export function resolveXmlid(erp: Erp, xmlid: string): Target | undefined {
  const row = erp.tables.first('ir.model.data', 'complete_name', xmlid);
  if (row === undefined) return undefined;
  const target = { model: String(row.model), id: Number(row.res_id), dataId: row.id };
  return erp.tables.get(target.model, target.id) === undefined ? undefined : target;
}

export function bindXmlid(
  erp: Erp,
  input: { xmlid: string; model: string; id: number; uid: number; noupdate?: boolean },
): Row {
  const [module, name] = splitXmlid(input.xmlid);
  const now = toDatetime(erp.now());
  const row: Row = {
    id: erp.tables.newId('ir.model.data'),
    module,
    name,
    complete_name: `${module}.${name}`,
    target: `${input.model},${input.id}`,
    model: input.model,
    res_id: input.id,
    noupdate: input.noupdate ?? false,
    create_uid: input.uid,
    create_date: now,
    write_uid: input.uid,
    write_date: now,
  };
  erp.tables.put('ir.model.data', row);
  return row;
}

/** Without a module Odoo files it under `__import__`; only the first dot separates. */
export function splitXmlid(xmlid: string): [module: string, name: string] {
  const dot = xmlid.indexOf('.');
  return dot < 0 ? ['__import__', xmlid] : [xmlid.slice(0, dot), xmlid.slice(dot + 1)];
}

export function xmlidsOf(erp: Erp, model: string, id: number): Row[] {
  return [...(erp.tables.lookup('ir.model.data', 'target', `${model},${id}`) ?? [])]
    .map((dataId) => erp.tables.get('ir.model.data', dataId))
    .filter((row) => row !== undefined);
}
