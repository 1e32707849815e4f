/** The facts of a version; a newer one than we know is taken to be like the newest we know. */
import { ConnectorError } from '../../errors.ts';
import { odoo17 } from './17.ts';
import { odoo18 } from './18.ts';
import { odoo19 } from './19.ts';
import type { VersionFacts } from './facts.ts';

const NEWEST_FIRST: readonly VersionFacts[] = [odoo19, odoo18, odoo17];

/** The latest the connector was tested with. */
export const NEWEST_KNOWN = odoo19.major;

/** @throws ConnectorError permanent `odoo_version_unsupported` below 17 */
export function versionFacts(major: number): VersionFacts {
  const facts = NEWEST_FIRST.find((version) => version.major <= major);
  if (facts !== undefined) return facts;
  throw new ConnectorError({
    kind: 'permanent',
    code: 'odoo_version_unsupported',
    system: 'odoo',
    message: `Odoo ${major} is not supported`,
    advice: 'Use Odoo 17, 18 or 19.',
  });
}
