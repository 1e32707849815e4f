import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RUN_PLANS } from '../../connector/provisioning/run-plans.ts';
import { eventually } from '../support/connector.ts';
import { startTestWorld } from '../support/sandbox.ts';
import { type DemoJson, demoJson, newFolder, startDemo } from './run-demo.ts';

const STEPS = RUN_PLANS.provision.map(({ name }) => name);
const id = expect.toSatisfy((value: unknown) => Number.isInteger(value) && Number(value) > 0);

function expectDone(result: DemoJson, plan: string): void {
  expect(result).toEqual({
    ok: true,
    run: { id: expect.stringMatching(/^[\da-f-]{36}$/), status: 'done', steps: expect.any(Array) },
    erp: {
      partnerId: id,
      opportunity: { id, stage: 'Won', probability: 100, won: true },
      workspaceId: id,
      driver: 'attachments',
      folders: expect.any(Array),
      documents: [expect.stringMatching(/-BEP\.pdf$/), expect.stringMatching(/-EIR\.pdf$/)],
      userIds: [id, id, id],
      subscription: { id, status: 'active', tier: plan },
    },
    storage: {
      bucket: expect.stringMatching(/^cde-nmd-/),
      keyId: expect.any(String),
      files: expect.any(Array),
    },
    mail: expect.any(Array),
    ms: expect.any(Number),
  });
  const { run, erp, storage, mail } = result;
  expect(run.steps.map(({ name }) => name).sort()).toEqual([...STEPS].sort());
  for (const step of run.steps) {
    expect(step).toEqual({
      name: step.name,
      status: 'done',
      attempts: expect.any(Number),
      ms: expect.any(Number),
    });
    expect(step.attempts).toBeGreaterThan(0);
  }
  for (const area of ['Work in Progress', 'Shared', 'Published', 'Archive'])
    expect(erp.folders.some((path) => path.includes(area))).toBe(true);
  expect(new Set(erp.userIds).size).toBe(3);
  expect(storage.keyId).not.toBe('');
  const pdfs = [expect.stringMatching(/BEP\.pdf$/), expect.stringMatching(/EIR\.pdf$/)];
  expect([...storage.files].sort()).toEqual(pdfs);
  const contact = mail.filter(({ to }) => to.includes('astrid'));
  expect(contact).toHaveLength(2);
  expect(contact[0]!.attachments).toEqual([]);
  expect([...contact[1]!.attachments].sort()).toEqual(pdfs);
  for (const person of ['lars', 'ines']) expect(mail.filter(({ to }) => to.includes(person))).toHaveLength(1);
  expect(mail).toHaveLength(4);
}

describe('npm run demo', () => {
  it.each(['starter', 'professional', 'enterprise'])(
    '%s: a customer lives within 30 s',
    async (plan) => {
      const result = await demoJson(newFolder(), ['--plan', plan]);
      expectDone(result, plan);
      expect(result.ms).toBeLessThan(30_000);
      for (const step of result.run.steps) expect(step.attempts).toBe(1);
    },
    90_000,
  );

  it('recovers from failures on order: bucket=2', async () => {
    const result = await demoJson(newFolder(), ['--fail', 'bucket=2']);
    expectDone(result, 'professional');
    expect(result.run.steps.filter(({ attempts }) => attempts > 1)).toMatchObject([
      { name: 'bucket', attempts: 3 },
    ]);
  }, 90_000);

  it('can fail every step', async () => {
    const result = await demoJson(
      newFolder(),
      STEPS.flatMap((step) => ['--fail', `${step}=1`]),
    );
    expectDone(result, 'professional');
    expect(result.run.steps.map(({ name, attempts }) => `${name} ${attempts}`).sort()).toEqual(
      STEPS.map((name) => `${name} 2`).sort(),
    );
  }, 120_000);

  it.each([
    ['an unknown step', ['--fail', 'buckets=2'], 'one of the steps received_mail, partner'],
    ['no number', ['--fail', 'bucket'], 'step=times'],
    ['a real system', ['--use', 'b2', '--fail', 'bucket=1'], 'a real system is not failed on purpose'],
    ['a real system, by its mails', ['--use', 'smtp', '--fail', 'welcome_mail=1'], 'not failed on purpose'],
    ['an unknown plan', ['--plan', 'gold'], 'starter, professional, enterprise'],
    ['an unknown system', ['--use', 'stripe'], 'odoo, b2, bep, smtp'],
    ['a misspelt option', ['--resum'], '--resume'],
    ['nothing to resume', ['--resume'], 'Start one without --resume'],
    ['another plan for what is resumed', ['--resume', '--plan', 'starter'], 'what is resumed has its plan'],
  ])(
    'refuses %s before anything starts',
    async (_name, args, advice) => {
      const cwd = newFolder();
      const demo = startDemo(cwd, args);
      expect(await demo.exit).toBe(1);
      expect(demo.output()).toContain(advice);
      expect(demo.output()).not.toMatch(/\n\s+at /);
      expect(readdirSync(cwd)).toEqual([]);
    },
    30_000,
  );

  const live = join(newFolder(), 'stripe.key');
  writeFileSync(live, 'rk_live_1\n');
  it.each([
    [
      'a live Stripe key',
      { STRIPE_SECRET_KEY: 'sk_live_1', BEP_URL: 'http://127.0.0.1:9' },
      'never runs beside',
    ],
    ['one from a file', { STRIPE_SECRET_KEY_FILE: live, BEP_URL: 'http://127.0.0.1:9' }, 'never runs beside'],
    ['an address without scheme', { BEP_URL: 'bep.example.com' }, 'BEP_URL is no address'],
    ['a file that is not there', { BEP_URL_FILE: '/nowhere' }, 'BEP_URL_FILE cannot be read (ENOENT)'],
  ])(
    'refuses %s beside --use',
    async (_name, env, said) => {
      const cwd = newFolder();
      const demo = startDemo(cwd, ['--use', 'bep'], env);
      expect(await demo.exit).toBe(1);
      expect(demo.output()).toContain(said);
      expect(demo.output()).not.toMatch(/\n\s+at /);
      expect(readdirSync(cwd)).toEqual([]);
    },
    30_000,
  );
});

describe('--use', () => {
  it('takes a system from the environment, says where, and says what could not be read back', async () => {
    const world = await startTestWorld();
    const secret = join(newFolder(), 'smtp.url');
    writeFileSync(secret, `${world.urls.smtp}\n`);
    const env = { SMTP_URL_FILE: secret, MAIL_FROM: 'CDE <cde@example.com>' };
    const demo = startDemo(newFolder(), ['--use', 'smtp', '--exit', '--json'], env);
    expect(await demo.exit).toBe(0);
    const host = new URL(world.urls.smtp).host;
    expect(demo.output().startsWith(`using the real smtp: ${host}\n`)).toBe(true);
    expect(demo.output()).toContain('sent through your own server: not read back');
    expect(JSON.parse(demo.lastLine())).toMatchObject({ ok: true, mail: [], notReadBack: ['mail'] });
    expect(await world.systems.mail.deliveries()).toHaveLength(4);
  }, 60_000);

  it('a real ERP goes from one demo to the next, not to one beside it, and each has its own customer', async () => {
    const world = await startTestWorld();
    const cwd = newFolder();
    const { ODOO_URL, ODOO_DB, ODOO_USERNAME, ODOO_API_KEY, ODOO_ADMIN_API_KEY } = world.env;
    const env = { ODOO_URL, ODOO_DB, ODOO_USERNAME, ODOO_API_KEY, ODOO_ADMIN_API_KEY } as Record<
      string,
      string
    >;
    const first = startDemo(cwd, ['--use', 'odoo'], env);
    await eventually('it lives', async () => first.output().includes('It stays up'));
    const beside = startDemo(cwd, ['--use', 'odoo'], env);
    expect(await beside.exit).toBe(1);
    expect(beside.output()).toMatch(/in use by process/);
    first.child.kill('SIGTERM');
    await first.exit;
    const second = startDemo(cwd, ['--use', 'odoo', '--plan', 'starter', '--exit', '--json'], env);
    expect(await second.exit).toBe(0);
    expect(second.output()).toContain('this one takes it over');
    expectDone(JSON.parse(second.lastLine()) as DemoJson, 'starter');
    const companies = world.systems.odoo
      .records('res.partner')
      .filter(({ name }) => /^Nordhavn Byg/.test(String(name)));
    expect(companies).toHaveLength(2);
    // Somebody else's stays theirs.
    const elsewhere = startDemo(newFolder(), ['--use', 'odoo', '--exit', '--json'], env);
    expect(await elsewhere.exit).toBe(1);
    expect(elsewhere.output()).toContain('the ERP is bound to installation');
  }, 240_000);

  it('says what is missing in the environment before anything starts', async () => {
    const cwd = newFolder();
    const demo = startDemo(cwd, ['--use', 'odoo,b2'], { ODOO_URL: 'http://127.0.0.1:9' });
    expect(await demo.exit).toBe(1);
    expect(demo.output()).toContain('--use odoo needs ODOO_DB, ODOO_USERNAME, ODOO_API_KEY');
    expect(readdirSync(cwd)).toEqual([]);
  }, 30_000);
});

describe('--resume after kill -9', () => {
  const kill = async (demo: ReturnType<typeof startDemo>): Promise<void> => {
    demo.child.kill('SIGKILL');
    await demo.exit;
  };
  const folderOf = (cwd: string): string =>
    join(cwd, '.data/demo', readdirSync(join(cwd, '.data/demo')).at(-1)!);
  const has = (cwd: string, name: string) => () => {
    try {
      return readFileSync(join(folderOf(cwd), name)).length > 0;
    } catch {
      return false;
    }
  };

  it.each([
    ['the database is being made', 300],
    ['the sandbox starts', 1500],
    ['the ERP is set up', 2500],
    ['Stripe is set up', 3500],
  ])(
    'while %s',
    async (_name, ms) => {
      const cwd = newFolder();
      const first = startDemo(cwd, ['--plan', 'starter']);
      await eventually('it has begun', async () => readdirSync(cwd).length > 0);
      await new Promise((resolve) => setTimeout(resolve, ms));
      await kill(first);
      expectDone(await demoJson(cwd, ['--resume']), 'starter');
    },
    90_000,
  );

  it('between the endpoint and its secret', async () => {
    const cwd = newFolder();
    const first = startDemo(cwd, []);
    await eventually('the secret is kept', async () => has(cwd, 'stripe-webhook.secret')());
    await kill(first);
    truncateSync(join(folderOf(cwd), 'stripe-webhook.secret'));
    expectDone(await demoJson(cwd, ['--resume']), 'professional');
  }, 90_000);

  it('in the middle of the run: one customer, one purchase, each mail once', async () => {
    const cwd = newFolder();
    const first = startDemo(cwd, ['--plan', 'enterprise', '--fail', 'storage_key=2']);
    await eventually('steps are being done', async () => first.output().includes('✓ partner'));
    await kill(first);
    const result = await demoJson(cwd, ['--resume']);
    expectDone(result, 'enterprise');
    // Taken up once more it is the same customer still.
    const again = await demoJson(cwd, ['--resume']);
    expect({ ...again, ms: 0 }).toEqual({ ...result, ms: 0 });
  }, 120_000);

  it('moves when its port was taken meanwhile', async () => {
    const cwd = newFolder();
    const first = startDemo(cwd, ['--fail', 'bucket=2']);
    await eventually('bought', async () => first.output().includes('A customer bought'));
    await kill(first);
    const { port } = JSON.parse(readFileSync(join(folderOf(cwd), 'demo.json'), 'utf8')) as { port: number };
    const squatter = createServer();
    squatter.on('connection', (socket) => socket.destroy());
    await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve));
    try {
      const second = startDemo(cwd, ['--resume', '--exit', '--json']);
      await second.exit;
      expect(second.output()).toContain(
        `Port ${port} is taken by now: the connector moves to http://127.0.0.1:`,
      );
      expectDone(JSON.parse(second.lastLine()) as DemoJson, 'professional');
      const moved = JSON.parse(readFileSync(join(folderOf(cwd), 'demo.json'), 'utf8')) as { port: number };
      expect(moved.port).not.toBe(port);
      expect(second.output()).toContain(`http://127.0.0.1:${moved.port}/orders/`);
    } finally {
      squatter.close();
    }
  }, 120_000);
});
