import type { Odoo } from '../odoo/odoo.ts';

/** The record behind an external id as a mapping writes it (`module.name`; only the first dot divides). @returns null: none, or not readable by us */
export function resolveXmlid(odoo: Odoo, xmlid: string): ReturnType<Odoo['xmlidToRes']> {
  const dot = xmlid.indexOf('.');
  return odoo.xmlidToRes(xmlid.slice(0, dot), xmlid.slice(dot + 1));
}
