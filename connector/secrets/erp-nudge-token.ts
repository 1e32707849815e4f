/** The unguessable part of the address Odoo nudges: of CONNECTOR_SECRET, so that it is stored nowhere on our side. */
import { hkdfSync } from 'node:crypto';

/** 256 bits, base64url. @param connectorSecret one of CONNECTOR_SECRET: another one gives another token */
export function erpNudgeToken(connectorSecret: string): string {
  const bytes = Buffer.from(connectorSecret, 'base64');
  return Buffer.from(hkdfSync('sha256', bytes, '', 'stripe-odoo-connector/erp-nudge', 32)).toString(
    'base64url',
  );
}

/** What `setup erp` puts into Odoo's webhook action. */
export const erpNudgeUrl = (publicUrl: string, connectorSecret: string): string =>
  `${publicUrl.replace(/\/+$/, '')}/webhooks/erp/${erpNudgeToken(connectorSecret)}`;
