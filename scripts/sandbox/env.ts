/** The sandbox's fixed credentials, and the connector's environment for one world. */
export const SANDBOX_KEYS = {
  stripeSecret: 'sk_test_sandbox',
  stripePublishable: 'pk_test_sandbox',
  stripeWebhook: 'whsec_sandbox',
  odooDb: 'sandbox',
  odooAdmin: 'admin',
  odooAdminKey: 'sandbox-admin-key',
  b2KeyId: '005sandbox0000000000000001',
  b2Key: 'K005sandboxMasterKey0000000000',
  bep: 'sandbox-bep-key',
} as const;

/**
 * Everything the connector needs to speak with this world. `ODOO_USERNAME` and `ODOO_API_KEY` are the administrator's
 * until `setup erp` has made the service's own user; whoever runs it replaces both.
 */
export function connectorEnv(urls: {
  stripe: string;
  odoo: string;
  b2: string;
  bep: string;
  rdap: string;
  smtp: string;
}): Record<string, string> {
  return {
    STRIPE_SECRET_KEY: SANDBOX_KEYS.stripeSecret,
    STRIPE_PUBLISHABLE_KEY: SANDBOX_KEYS.stripePublishable,
    STRIPE_WEBHOOK_SECRET: SANDBOX_KEYS.stripeWebhook,
    STRIPE_API_URL: urls.stripe,
    ODOO_URL: urls.odoo,
    ODOO_DB: SANDBOX_KEYS.odooDb,
    ODOO_USERNAME: SANDBOX_KEYS.odooAdmin,
    ODOO_API_KEY: SANDBOX_KEYS.odooAdminKey,
    ODOO_ADMIN_API_KEY: SANDBOX_KEYS.odooAdminKey,
    B2_APPLICATION_KEY_ID: SANDBOX_KEYS.b2KeyId,
    B2_APPLICATION_KEY: SANDBOX_KEYS.b2Key,
    B2_API_URL: urls.b2,
    BEP_URL: urls.bep,
    BEP_API_KEY: SANDBOX_KEYS.bep,
    RDAP_URL: urls.rdap,
    SMTP_URL: urls.smtp,
    MAIL_FROM: 'CDE Team <cde@sandbox.example>',
  };
}
