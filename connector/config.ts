/** Parses the environment once, or tells everything that is wrong with it, each with its fix. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { type Config, VARIABLES, type Variable } from './config-schema.ts';
import { ConnectorError } from './errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What is started: everything, or just the webhook receiver (which needs no ERP, storage or mail). */
export type Part = 'all' | 'webhook';

/**
 * @param input.embedded a trial on the embedded database: DATABASE_URL is then not wanted
 * @throws ConnectorError permanent `config_invalid`, its message listing every problem
 */
export function parseConfig(env: Environment, input: Options = {}): Config {
  const { config, problems } = examineConfig(env, input);
  if (problems.length > 0) throw invalid(problems.map(({ text }) => text));
  return config;
}

interface Options {
  readonly embedded?: boolean;
  readonly part?: Part;
}

export interface ConfigProblem {
  /** The variable. */
  readonly name: string;
  readonly text: string;
}

/** The configuration as far as it goes: a variable with a problem has no or a wrong value in it. */
export function examineConfig(
  env: Environment,
  input: Options = {},
): { readonly config: Config; readonly problems: readonly ConfigProblem[] } {
  const part = input.part ?? 'all';
  const problems: ConfigProblem[] = [];
  const values: Record<string, string | undefined> = {};
  for (const variable of VARIABLES) {
    const { name } = variable;
    const found: string[] = [];
    const value = readValue(env, name, found);
    values[name] = value;
    const required = isRequired(variable, { embedded: input.embedded ?? false, part });
    if (value !== undefined) found.push(...wrong(variable, value));
    else if (required && found.length === 0) found.push(missing(variable));
    problems.push(...found.map((text) => ({ name, text })));
  }
  problems.push(...contradictions(values).map((text) => ({ name: 'STRIPE_PUBLISHABLE_KEY', text })));
  return { config: build(values), problems };
}

/**
 * The environment with every NAME_FILE read into its NAME: for commands that need a few variables and not the whole
 * configuration. @throws ConnectorError permanent `config_invalid`
 */
export function withFiles(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const problems: string[] = [];
  const read = VARIABLES.map(({ name }) => [name, readValue(env, name, problems)] as const);
  if (problems.length > 0) throw invalid(problems);
  return { ...env, ...Object.fromEntries(read.filter(([, value]) => value !== undefined)) };
}

function isRequired(variable: Variable, input: { embedded: boolean; part: Part }): boolean {
  if (variable.name === 'DATABASE_URL') return !input.embedded;
  return variable.required && (input.part === 'all' || variable.webhook);
}

/** NAME, or the content of the file NAME_FILE names (Docker and Infisical secrets); an empty text counts as not set. */
function readValue(env: Environment, name: string, problems: string[]): string | undefined {
  const direct = env[name]?.trim();
  const file = env[`${name}_FILE`]?.trim();
  if (direct && file) {
    problems.push(`${name}: both ${name} and ${name}_FILE are set; remove one`);
    return undefined;
  }
  if (!file) return direct || undefined;
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch (error) {
    problems.push(
      `${name}: ${name}_FILE cannot be read (${(error as NodeJS.ErrnoException).code}); check path and rights`,
    );
    return undefined;
  }
}

function missing(variable: Variable): string {
  return `${variable.name}: not set. ${variable.description}; e.g. ${variable.name}=${variable.example}`;
}

const ajv = new Ajv({ allErrors: true });
const LISTS: ReadonlySet<string> = new Set([
  'CONNECTOR_SECRET',
  'CONNECTOR_API_KEYS',
  'STRIPE_WEBHOOK_SECRET',
  'CHECKOUT_ORIGINS',
]);

function wrong(variable: Variable, value: string): string[] {
  const validate = ajv.compile(variable.schema);
  const parts = LISTS.has(variable.name) ? list(value) : [value];
  if (parts.length > 0 && parts.every((part) => validate(part) && isAddressIfAny(part))) return [];
  // A secret's value is never repeated, not even a wrong one.
  const shown = variable.secret ? '' : ` ("${value}")`;
  // Most often a generated password: its / or # ends the part of an address it stands in.
  const howTo = parts.every(isAddressIfAny)
    ? ''
    : '. In an address write / as %2F, # as %23, @ as %40 and : as %3A within user and password';
  return [
    `${variable.name}${shown}: not valid. ${variable.description}; e.g. ${variable.name}=${variable.example}${howTo}`,
  ];
}

const isAddressIfAny = (part: string): boolean => !/^[a-z]+:\/\//.test(part) || URL.canParse(part);

function contradictions(values: Readonly<Record<string, string | undefined>>): string[] {
  const secret = values.STRIPE_SECRET_KEY?.split('_')[1];
  const publishable = values.STRIPE_PUBLISHABLE_KEY?.split('_')[1];
  if (secret === undefined || publishable === undefined || secret === publishable) return [];
  return [
    `STRIPE_PUBLISHABLE_KEY: is a ${publishable} key but STRIPE_SECRET_KEY is a ${secret} key; take both from one mode`,
  ];
}

function invalid(problems: readonly string[]): ConnectorError {
  return new ConnectorError({
    kind: 'permanent',
    code: 'config_invalid',
    message: `The configuration has ${problems.length} problem(s):\n${problems.map((each) => `  - ${each}`).join('\n')}`,
    advice: 'See .env.example for every variable; any NAME may come from a file by NAME_FILE.',
  });
}

function list(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

const PROJECT_MAPPINGS = fileURLToPath(new URL('../mappings', import.meta.url));

function build(values: Readonly<Record<string, string | undefined>>): Config {
  const text = (name: string): string => values[name] ?? '';
  return {
    port: Number(values.PORT ?? 8080),
    publicUrl: text('PUBLIC_URL').replace(/\/+$/, ''),
    checkoutOrigins: list(values.CHECKOUT_ORIGINS).map((origin) => origin.replace(/\/$/, '')),
    trustProxy: values.TRUST_PROXY,
    databaseUrl: values.DATABASE_URL,
    dataDir: values.DATA_DIR ?? '.data',
    connectorSecrets: list(values.CONNECTOR_SECRET),
    connectorApiKeys: list(values.CONNECTOR_API_KEYS),
    stripe: {
      secretKey: text('STRIPE_SECRET_KEY'),
      publishableKey: text('STRIPE_PUBLISHABLE_KEY'),
      webhookSecrets: list(values.STRIPE_WEBHOOK_SECRET),
      apiUrl: values.STRIPE_API_URL,
      livemode: text('STRIPE_SECRET_KEY').split('_')[1] === 'live',
      readsPerSecond: Number(values.STRIPE_READS_PER_SECOND ?? 80),
      trialDays: Number(values.STRIPE_TRIAL_DAYS ?? 0),
    },
    odoo: {
      url: text('ODOO_URL').replace(/\/+$/, ''),
      db: text('ODOO_DB'),
      username: text('ODOO_USERNAME'),
      apiKey: text('ODOO_API_KEY'),
      transport: (values.ODOO_TRANSPORT ?? 'auto') as Config['odoo']['transport'],
    },
    b2: { keyId: text('B2_APPLICATION_KEY_ID'), key: text('B2_APPLICATION_KEY'), apiUrl: values.B2_API_URL },
    rdapUrl: (values.RDAP_URL ?? 'https://rdap.org').replace(/\/+$/, ''),
    bep: { url: text('BEP_URL').replace(/\/+$/, ''), apiKey: values.BEP_API_KEY },
    mail: { smtpUrl: text('SMTP_URL'), from: text('MAIL_FROM') },
    mappingsDir: values.MAPPINGS_DIR ?? PROJECT_MAPPINGS,
    credentialsDelivery: (values.CREDENTIALS_DELIVERY ?? 'link') as Config['credentialsDelivery'],
  };
}
