/** Takes a system from the environment instead of the sandbox: opted in by name, its address printed first. */
import { ConnectorError } from '../../connector/errors.ts';
import type { Replaceable } from './options.ts';

type Env = Record<string, string | undefined>;

const VARIABLES: Readonly<
  Record<Replaceable, { needed: readonly string[]; also: readonly string[]; address: string }>
> = {
  odoo: {
    needed: ['ODOO_URL', 'ODOO_DB', 'ODOO_USERNAME', 'ODOO_API_KEY'],
    also: ['ODOO_TRANSPORT', 'ODOO_ADMIN_API_KEY', 'ODOO_ADMIN_USERNAME'],
    address: 'ODOO_URL',
  },
  b2: {
    needed: ['B2_APPLICATION_KEY_ID', 'B2_APPLICATION_KEY'],
    also: ['B2_API_URL'],
    address: 'B2_API_URL',
  },
  bep: { needed: ['BEP_URL'], also: ['BEP_API_KEY'], address: 'BEP_URL' },
  smtp: { needed: ['SMTP_URL', 'MAIL_FROM'], also: [], address: 'SMTP_URL' },
};

/**
 * Before anything is started: looks whether the environment has what is needed, and prints each address.
 * @returns turns the sandbox's environment into one with the chosen systems' variables replaced by the real ones
 * @throws ConnectorError permanent `demo_live_key`, `demo_environment`
 */
export function realSystems(input: {
  real: Env;
  use: readonly Replaceable[];
  print: (line: string) => void;
}): (sandbox: Readonly<Record<string, string>>) => Readonly<Record<string, string>> {
  refuseLiveKeys(input.real);
  for (const system of input.use) {
    const { needed, address } = VARIABLES[system];
    const missing = needed.filter((name) => !input.real[name]);
    if (missing.length > 0) throw incomplete(system, missing);
    input.print(`using the real ${system}: ${addressOf(address, input.real) ?? 'its public address'}`);
  }
  return (sandbox) => {
    const env: Record<string, string> = { ...sandbox };
    for (const name of input.use.flatMap((system) => [
      ...VARIABLES[system].needed,
      ...VARIABLES[system].also,
    ])) {
      const value = input.real[name];
      if (value === undefined) delete env[name];
      else env[name] = value;
    }
    return env;
  };
}

/** A demo makes customers, buckets and mails: never beside a key that moves real money. */
function refuseLiveKeys(real: Env): void {
  if (!/^(sk|rk)_live_/.test(real.STRIPE_SECRET_KEY ?? '')) return;
  throw new ConnectorError({
    kind: 'permanent',
    code: 'demo_live_key',
    message: 'STRIPE_SECRET_KEY is a live key: a demo never runs beside one',
    advice: 'Unset it, or use a test-mode environment.',
  });
}

function incomplete(system: string, missing: readonly string[]): ConnectorError {
  return new ConnectorError({
    kind: 'permanent',
    code: 'demo_environment',
    message: `--use ${system} needs ${missing.join(', ')} in the environment`,
    advice: 'Set them, or leave --use out: the sandbox then stands in.',
  });
}

/** Without user and password. */
function addressOf(name: string, real: Env): string | undefined {
  const url = real[name];
  if (!url) return undefined;
  if (URL.canParse(url)) return new URL(url).host;
  throw new ConnectorError({
    kind: 'permanent',
    code: 'demo_environment',
    // Not the value: a mail server's holds a password.
    message: `${name} is no address`,
    advice: 'Give it with its scheme, e.g. https://… or smtps://…; .env.example shows each.',
  });
}
