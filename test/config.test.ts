import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig, withFiles } from '../connector/config.ts';
import { VARIABLES } from '../connector/config-schema.ts';
import { ConnectorError } from '../connector/errors.ts';

const GOOD = {
  PUBLIC_URL: 'https://connect.example.com/',
  DATABASE_URL: 'postgres://u:p@db/connector',
  CONNECTOR_SECRET: Buffer.alloc(32, 1).toString('base64'),
  CONNECTOR_API_KEYS: 'an-operator-key-of-24-letters',
  STRIPE_SECRET_KEY: 'sk_test_1',
  STRIPE_PUBLISHABLE_KEY: 'pk_test_1',
  STRIPE_WEBHOOK_SECRET: 'whsec_new, whsec_old',
  ODOO_URL: 'https://erp.example.com/',
  ODOO_DB: 'production',
  ODOO_USERNAME: 'stripe-connector',
  ODOO_API_KEY: 'erp-key',
  B2_APPLICATION_KEY_ID: '005',
  B2_APPLICATION_KEY: 'K005',
  BEP_URL: 'https://bep.example.com//',
  SMTP_URL: 'smtps://u:p@mail.example.com',
  MAIL_FROM: 'CDE Team <cde@example.com>',
};

function problems(env: Record<string, string | undefined>, input: Parameters<typeof parseConfig>[1] = {}) {
  try {
    parseConfig(env, input);
  } catch (error) {
    expect(error).toBeInstanceOf(ConnectorError);
    expect(error).toMatchObject({ kind: 'permanent', code: 'config_invalid' });
    return (error as Error).message.split('\n').slice(1);
  }
  return [];
}

describe('configuration', () => {
  it.each([
    ['DATABASE_URL', 'postgres://u:sEcr/et@db/connector'],
    ['SMTP_URL', 'smtps://u:sEcr#et@mail.example.com'],
  ])('says how a password is written in %s, not what it is', (name, value) => {
    const [problem, ...more] = problems({ ...GOOD, [name]: value });
    expect(more).toEqual([]);
    expect(problem).toMatch(new RegExp(`${name}: not valid.*write / as %2F, # as %23`));
    expect(problem).not.toContain('sEcr');
    expect(problems({ ...GOOD, [name]: value.replace('/et', '%2Fet').replace('#et', '%23et') })).toEqual([]);
  });

  it('tells a CONNECTOR_SECRET of too few bytes together with everything else', () => {
    // 48 characters, but hardly any of them base64.
    const weak = `short ${'!'.repeat(42)}`;
    const found = problems({ ...GOOD, CONNECTOR_SECRET: `${GOOD.CONNECTOR_SECRET},${weak}`, ODOO_URL: '' });
    expect(found).toHaveLength(2);
    expect(found[0]).toContain('CONNECTOR_SECRET: not valid');
    expect(found.join()).not.toContain('short');
  });

  it('takes a complete environment, with its defaults', () => {
    expect(parseConfig(GOOD)).toMatchObject({
      port: 8080,
      publicUrl: 'https://connect.example.com',
      checkoutOrigins: [],
      dataDir: '.data',
      stripe: {
        webhookSecrets: ['whsec_new', 'whsec_old'],
        livemode: false,
        trialDays: 0,
        apiUrl: undefined,
      },
      odoo: { url: 'https://erp.example.com', transport: 'auto' },
      bep: { url: 'https://bep.example.com', apiKey: undefined },
      credentialsDelivery: 'link',
    });
    expect(
      parseConfig({ ...GOOD, STRIPE_SECRET_KEY: 'rk_live_1', STRIPE_PUBLISHABLE_KEY: 'pk_live_1' }).stripe
        .livemode,
    ).toBe(true);
  });

  it('names every missing variable at once, each with an example', () => {
    const all = problems({});
    const required = VARIABLES.filter((each) => each.required || each.name === 'DATABASE_URL');
    expect(all).toHaveLength(required.length);
    for (const { name, example } of required) {
      expect(
        all.find((line) => line.includes(`- ${name}: `)),
        name,
      ).toContain(`${name}=${example}`);
    }
  });

  it('names a variable whose name begins another one’s', () => {
    const { B2_APPLICATION_KEY: _key, B2_APPLICATION_KEY_ID: _id, ...rest } = GOOD;
    expect(problems(rest).map((line) => line.split(':')[0])).toEqual([
      '  - B2_APPLICATION_KEY_ID',
      '  - B2_APPLICATION_KEY',
    ]);
  });

  it.each([
    ['PORT', '70000'],
    ['PORT', 'http'],
    ['PUBLIC_URL', 'connect.example.com'],
    ['PUBLIC_URL', 'https://[connect'],
    ['CHECKOUT_ORIGINS', 'https://www.example.com,https://www.example.com/shop'],
    ['CHECKOUT_ORIGINS', 'https://www.example.com:99999'],
    ['TRUST_PROXY', 'everybody'],
    ['DATABASE_URL', 'mysql://db'],
    ['CONNECTOR_SECRET', 'short'],
    ['CONNECTOR_API_KEYS', 'an-operator-key-of-24-letters,short'],
    ['STRIPE_SECRET_KEY', 'pk_test_1'],
    ['STRIPE_PUBLISHABLE_KEY', 'sk_test_1'],
    ['STRIPE_WEBHOOK_SECRET', ','],
    ['STRIPE_TRIAL_DAYS', 'many'],
    ['ODOO_TRANSPORT', 'soap'],
    ['SMTP_URL', 'mail.example.com'],
    ['MAIL_FROM', 'CDE Team'],
    ['CREDENTIALS_DELIVERY', 'pigeon'],
    ['LOG_LEVEL', 'loud'],
  ])('refuses %s=%s', (name, value) => {
    const [problem, ...more] = problems({ ...GOOD, [name]: value });
    expect(more).toEqual([]);
    expect(problem).toContain(name);
    const secret = VARIABLES.find((each) => each.name === name)!.secret;
    expect(problem!.includes(`("${value}")`)).toBe(!secret);
  });

  it.each(['1', 'loopback', '10.0.0.1', '10.0.0.0/8, loopback', '::1', 'fd00::/8'])(
    'takes TRUST_PROXY=%s',
    (value) => {
      expect(parseConfig({ ...GOOD, TRUST_PROXY: value }).trustProxy).toBe(value);
    },
  );

  it('refuses keys of two modes', () => {
    expect(problems({ ...GOOD, STRIPE_PUBLISHABLE_KEY: 'pk_live_1' })).toEqual([
      expect.stringContaining('is a live key but STRIPE_SECRET_KEY is a test key'),
    ]);
  });

  it('reads any variable from a file, and says what is wrong with one', () => {
    const folder = mkdtempSync(join(tmpdir(), 'config-'));
    const file = join(folder, 'key');
    writeFileSync(file, 'from-a-file\n');
    writeFileSync(join(folder, 'empty'), '\n');
    const { ODOO_API_KEY: _key, ...rest } = GOOD;
    expect(parseConfig({ ...rest, ODOO_API_KEY_FILE: file }).odoo.apiKey).toBe('from-a-file');
    expect(problems({ ...GOOD, ODOO_API_KEY_FILE: file })).toEqual([
      expect.stringContaining('both ODOO_API_KEY and'),
    ]);
    expect(problems({ ...rest, ODOO_API_KEY_FILE: join(folder, 'none') })).toEqual([
      expect.stringContaining('ENOENT'),
    ]);
    expect(problems({ ...rest, ODOO_API_KEY_FILE: join(folder, 'empty') })).toEqual([
      expect.stringContaining('ODOO_API_KEY: not set'),
    ]);
  });

  it('reads files for commands that need a few variables only, and leaves the rest of the environment alone', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'config-')), 'key');
    writeFileSync(file, 'from-a-file\n');
    const env = { ODOO_API_KEY_FILE: file, ODOO_URL: ' https://erp.example.com ', HOME: '/root' };
    expect(withFiles(env)).toEqual({
      ...env,
      ODOO_API_KEY: 'from-a-file',
      ODOO_URL: 'https://erp.example.com',
    });
    expect(() => withFiles({ ODOO_API_KEY: 'a', ODOO_API_KEY_FILE: file })).toThrow(
      expect.objectContaining({
        code: 'config_invalid',
        message: expect.stringContaining('both ODOO_API_KEY and ODOO_API_KEY_FILE'),
      }),
    );
  });

  it('asks only for what is started', () => {
    const { DATABASE_URL: _url, ...rest } = GOOD;
    expect(problems(rest)).toHaveLength(1);
    expect(problems(rest, { embedded: true })).toEqual([]);
    expect(problems({}, { part: 'webhook' }).map((line) => line.trim().split(/[ :]+/)[1])).toEqual([
      'PUBLIC_URL',
      'DATABASE_URL',
      'STRIPE_SECRET_KEY',
      'STRIPE_WEBHOOK_SECRET',
    ]);
  });
});
