/** Every environment variable the connector reads, with what it means and how to fix it. */

export interface Config {
  readonly port: number;
  readonly publicUrl: string;
  /** Other front ends': where the checkout API may send browsers back to, beside PUBLIC_URL's own. */
  readonly checkoutOrigins: readonly string[];
  readonly trustProxy: string | undefined;
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  /** The first encrypts; all decrypt. */
  readonly connectorSecrets: readonly string[];
  readonly connectorApiKeys: readonly string[];
  readonly stripe: {
    readonly secretKey: string;
    readonly publishableKey: string;
    readonly webhookSecrets: readonly string[];
    /** Undefined: api.stripe.com. */
    readonly apiUrl: string | undefined;
    /** Of the key: sk_live_… or not. */
    readonly livemode: boolean;
    readonly trialDays: number;
    /** GET requests of one instance. */
    readonly readsPerSecond: number;
  };
  readonly odoo: {
    readonly url: string;
    readonly db: string;
    readonly username: string;
    readonly apiKey: string;
    readonly transport: 'auto' | 'json2' | 'jsonrpc' | 'xmlrpc';
  };
  readonly b2: { readonly keyId: string; readonly key: string; readonly apiUrl: string | undefined };
  readonly bep: { readonly url: string; readonly apiKey: string | undefined };
  /** Where domain names are looked up. */
  readonly rdapUrl: string;
  readonly mail: { readonly smtpUrl: string; readonly from: string };
  readonly credentialsDelivery: 'link' | 'inline';
  /** Folder with plans.json, odoo.json, workspace.json and bep.json. */
  readonly mappingsDir: string;
}

export interface Variable {
  readonly name: string;
  readonly required: boolean;
  readonly secret: boolean;
  /** Also wanted by `npm start -- --only webhook`. */
  readonly webhook: boolean;
  readonly description: string;
  readonly example: string;
  /** JSON Schema of the text. */
  readonly schema: Readonly<Record<string, unknown>>;
}

const url = { type: 'string', pattern: '^https?://[^\\s]+$' };
// 0 (any free one) to 65535.
const PORT_NUMBER = '^(\\d{1,4}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])$';
const PROXY = '(loopback|linklocal|uniquelocal|[0-9A-Fa-f:.]*[:.][0-9A-Fa-f:.]*(/\\d{1,3})?)';
const text = { type: 'string', minLength: 1 };

/** pino's own names. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

export const VARIABLES: readonly Variable[] = [
  {
    name: 'PORT',
    required: false,
    secret: false,
    webhook: true,
    description: 'Port to listen on (default 8080)',
    example: '8080',
    schema: { type: 'string', pattern: PORT_NUMBER },
  },
  {
    name: 'PUBLIC_URL',
    required: true,
    secret: false,
    webhook: true,
    description: 'Where customers and Stripe reach this service',
    example: 'https://connect.example.com',
    schema: url,
  },
  {
    name: 'CHECKOUT_ORIGINS',
    required: false,
    secret: false,
    webhook: false,
    description:
      'Other front ends, comma-separated: where success_url and cancel_url of the checkout API may lead, beside PUBLIC_URL',
    example: 'https://www.example.com,https://shop.example.com',
    schema: { type: 'string', pattern: `^https?://[A-Za-z0-9.-]+(:${PORT_NUMBER.slice(1, -1)})?/?$` },
  },
  {
    name: 'TRUST_PROXY',
    required: false,
    secret: false,
    webhook: true,
    description: "Express 'trust proxy': number of hops or a list of addresses",
    example: '1',
    schema: { type: 'string', pattern: `^(\\d{1,2}|${PROXY}(\\s*,\\s*${PROXY})*)$` },
  },
  {
    name: 'DATABASE_URL',
    required: false,
    secret: true,
    webhook: true,
    description: 'PostgreSQL; required unless started with --embedded',
    example: 'postgres://connector:secret@db:5432/connector',
    schema: { type: 'string', pattern: '^postgres(ql)?://' },
  },
  {
    name: 'DATA_DIR',
    required: false,
    secret: false,
    webhook: true,
    description: 'Folder of the embedded database (--embedded only; default .data)',
    example: '.data',
    schema: text,
  },
  {
    name: 'CONNECTOR_SECRET',
    required: true,
    secret: true,
    webhook: false,
    description:
      'Encrypts secrets at rest: 32 bytes or more, base64; comma-separated, the first encrypts, all decrypt',
    example: 'openssl rand -base64 32',
    // 43 characters of base64 are 32 bytes.
    schema: { type: 'string', pattern: '^[A-Za-z0-9+/_-]{43,}={0,2}$' },
  },
  {
    name: 'CONNECTOR_API_KEYS',
    required: true,
    secret: true,
    webhook: false,
    description: 'Operator keys of the admin API and the CLI, comma-separated, 24 characters or more each',
    example: 'openssl rand -hex 24',
    schema: { type: 'string', minLength: 24 },
  },
  {
    name: 'STRIPE_SECRET_KEY',
    required: true,
    secret: true,
    webhook: true,
    description: 'Stripe secret or restricted key',
    example: 'sk_test_…',
    schema: { type: 'string', pattern: '^(sk|rk)_(test|live)_\\S+$' },
  },
  {
    name: 'STRIPE_PUBLISHABLE_KEY',
    required: true,
    secret: false,
    webhook: false,
    description: 'Stripe publishable key, of the same mode',
    example: 'pk_test_…',
    schema: { type: 'string', pattern: '^pk_(test|live)_\\S+$' },
  },
  {
    name: 'STRIPE_WEBHOOK_SECRET',
    required: true,
    secret: true,
    webhook: true,
    description: 'Signing secrets of the webhook endpoint, comma-separated while one is being replaced',
    example: 'whsec_…',
    schema: { type: 'string', pattern: '^whsec_\\S+$' },
  },
  {
    name: 'STRIPE_API_URL',
    required: false,
    secret: false,
    webhook: false,
    description: 'Another Stripe API address (the sandbox)',
    example: 'http://127.0.0.1:12111',
    schema: url,
  },
  {
    name: 'STRIPE_TRIAL_DAYS',
    required: false,
    secret: false,
    webhook: false,
    description: 'Days of trial for an organisation’s first subscription (default 0)',
    example: '14',
    schema: { type: 'string', pattern: '^\\d{1,3}$' },
  },
  {
    name: 'STRIPE_READS_PER_SECOND',
    required: false,
    secret: false,
    webhook: false,
    description:
      'Most reads a second one instance asks of Stripe (default 80; Stripe allows 100 live, 25 in a sandbox, over all instances)',
    example: '20',
    schema: { type: 'string', pattern: '^[1-9]\\d{0,3}$' },
  },
  {
    name: 'ODOO_URL',
    required: true,
    secret: false,
    webhook: false,
    description: 'Address of the Odoo server',
    example: 'https://erp.example.com',
    schema: url,
  },
  {
    name: 'ODOO_DB',
    required: true,
    secret: false,
    webhook: false,
    description: 'Odoo database name',
    example: 'production',
    schema: text,
  },
  {
    name: 'ODOO_USERNAME',
    required: true,
    secret: false,
    webhook: false,
    description: 'Login of the service’s own Odoo user (made by cli setup erp)',
    example: 'stripe-connector',
    schema: text,
  },
  {
    name: 'ODOO_API_KEY',
    required: true,
    secret: true,
    webhook: false,
    description: 'API key of that user (written by cli setup erp --key-file)',
    example: 'from the key file',
    schema: text,
  },
  {
    name: 'ODOO_TRANSPORT',
    required: false,
    secret: false,
    webhook: false,
    description: 'auto, json2, jsonrpc or xmlrpc (default auto)',
    example: 'auto',
    schema: { enum: ['auto', 'json2', 'jsonrpc', 'xmlrpc'] },
  },
  {
    name: 'B2_APPLICATION_KEY_ID',
    required: true,
    secret: false,
    webhook: false,
    description: 'Backblaze B2 key id that may make buckets and keys',
    example: '005…',
    schema: text,
  },
  {
    name: 'B2_APPLICATION_KEY',
    required: true,
    secret: true,
    webhook: false,
    description: 'Its application key',
    example: 'K005…',
    schema: text,
  },
  {
    name: 'B2_API_URL',
    required: false,
    secret: false,
    webhook: false,
    description: 'Another B2 address (the sandbox)',
    example: 'http://127.0.0.1:12113',
    schema: url,
  },
  {
    name: 'BEP_URL',
    required: true,
    secret: false,
    webhook: false,
    description: 'Address of the BEP/EIR document engine',
    example: 'https://bep.example.com',
    schema: url,
  },
  {
    name: 'BEP_API_KEY',
    required: false,
    secret: true,
    webhook: false,
    description: 'Its bearer key, when it wants one',
    example: 'secret',
    schema: text,
  },
  {
    name: 'RDAP_URL',
    required: false,
    secret: false,
    webhook: false,
    description: 'RDAP bootstrap service that knows each domain’s registry (default https://rdap.org)',
    example: 'https://rdap.org',
    schema: url,
  },
  {
    name: 'SMTP_URL',
    required: true,
    secret: true,
    webhook: false,
    description: 'Mail server',
    example: 'smtps://user:password@mail.example.com',
    schema: { type: 'string', pattern: '^smtps?://' },
  },
  {
    name: 'MAIL_FROM',
    required: true,
    secret: false,
    webhook: false,
    description: 'Sender of all mail',
    example: 'CDE Team <cde@example.com>',
    schema: { type: 'string', pattern: '^([^<>]*<[^<>@\\s]+@[^<>@\\s]+>|[^<>@\\s]+@[^<>@\\s]+)$' },
  },
  {
    name: 'CREDENTIALS_DELIVERY',
    required: false,
    secret: false,
    webhook: false,
    description: 'link (default) or inline: mail the credentials themselves',
    example: 'link',
    schema: { enum: ['link', 'inline'] },
  },
  {
    name: 'LOG_LEVEL',
    required: false,
    secret: false,
    webhook: true,
    description: `How much is logged: ${LOG_LEVELS.join(', ')} (default info)`,
    example: 'info',
    schema: { enum: LOG_LEVELS },
  },
  {
    name: 'MAPPINGS_DIR',
    required: false,
    secret: false,
    webhook: false,
    description: 'Folder with your own plans.json, odoo.json, workspace.json and bep.json (default mappings)',
    example: '/etc/connector/mappings',
    schema: text,
  },
];
