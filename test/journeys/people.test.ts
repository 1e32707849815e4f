/** People the ERP knew before, people without a seat, and what the chatter tells. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLog } from '../../connector/log.ts';
import { createOdoo, type Odoo } from '../../connector/odoo/odoo.ts';
import { checkout, draft, eventually, runOf } from '../support/connector.ts';
import { openScene, type Scene } from '../support/scene.ts';

let scene: Scene;
let admin: Odoo;

beforeAll(async () => {
  scene = await openScene();
  const { ODOO_URL: url, ODOO_DB: name, ODOO_USERNAME: username, ODOO_API_KEY: apiKey } = scene.world.env;
  const log = createLog({ level: 'silent' });
  admin = createOdoo({ url: url!, db: name!, username: username!, apiKey: apiKey!, transport: 'auto', log });
}, 60_000);
afterAll(() => scene?.close());

async function user(login: string, values: Record<string, unknown> = {}): Promise<number> {
  const [id] = await admin.call<number[]>('res.users', 'create', {
    vals_list: [{ name: login, login, email: login, ...values }],
    context: { no_reset_password: true },
  });
  return id!;
}

async function portal(): Promise<Record<string, unknown>> {
  const { major } = await admin.version();
  const group = await admin.xmlidToRes('base', 'group_portal');
  return { [major >= 19 ? 'group_ids' : 'groups_id']: [[6, 0, [group!.id]]] };
}

const activities = () =>
  scene.world.systems.odoo
    .records('mail.activity')
    .filter((each) => String(each.summary).includes('no access yet'))
    .map((each) => String(each.note));

const storyOn = (model: string) =>
  scene.world.systems.odoo
    .records('mail.message')
    .filter((each) => each.model === model && each.message_type === 'comment')
    .sort((a, b) => Number(a.id) - Number(b.id))
    .map((each) => String(each.body));

const outcomes = async () =>
  (
    await scene.db.query<{ email: string; outcome: string }>(
      'select k.email, a.outcome from portal_access a join stakeholders k on k.id = a.stakeholder_id order by k.position',
    )
  ).rows.map(({ outcome }) => outcome);

it('a guest comes in after agreeing, a colleague once staff cleared the way; staff’s activity comes and goes', async () => {
  const tag = 'people.example';
  await user(`guest@${tag}`, await portal());
  const colleague = await user(`colleague@${tag}`);
  const reply = await checkout(
    scene.connector.publicUrl,
    draft({
      stakeholders: [
        { name: 'Ines', email: `ines@${tag}`, role: 'information_manager' },
        { name: 'Gus Guest', email: `guest@${tag}`, role: 'appointed_party' },
        { name: 'Carl Colleague', email: `colleague@${tag}`, role: 'appointing_party' },
      ],
    }),
  );
  scene.world.systems.stripe.payCheckout(reply.body.session_id);
  await runOf(scene.connector, scene.db, reply.body.session_id);
  expect(await outcomes()).toEqual(['created', 'needs_acceptance', 'needs_staff']);
  await eventually('the activity', async () => activities().length === 1);
  expect(activities()[0]).toContain('colleague@');
  expect(activities()[0]).not.toContain('guest@');
  expect(await scene.world.systems.mail.to(`colleague@${tag}`)).toEqual([]);

  const [question, ...more] = await scene.world.systems.mail.to(`guest@${tag}`);
  expect(more).toEqual([]);
  const url = /https?:\/\/\S+\/acceptance\/[\w-]+/.exec(question!.text)![0];
  // A scanner looks at the page, and at the same token on the credentials page: nothing comes of it.
  const page = await fetch(url);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('Join the project');
  expect((await fetch(url.replace('/acceptance/', '/credentials/'))).status).toBe(404);
  expect(await outcomes()).toEqual(['created', 'needs_acceptance', 'needs_staff']);
  const foreign = { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } };
  expect((await fetch(url, foreign)).status).toBe(403);
  const thanks = await fetch(url, { method: 'POST' });
  expect(thanks.status).toBe(200);
  expect(await thanks.text()).toContain('Thank you');
  await eventually('the guest is let in', async () => (await outcomes())[1] === 'accepted');
  expect((await fetch(url, { method: 'POST' })).status).toBe(200);
  expect(await scene.world.systems.mail.to(`guest@${tag}`)).toHaveLength(1);

  await admin.call('res.users', 'unlink', { ids: [colleague] });
  await scene.db.query("update portal_access set checked_at = now() - interval '2 hours'");
  await eventually('the colleague is let in', async () => (await outcomes())[2] === 'created', 60_000);
  expect(await scene.world.systems.mail.to(`colleague@${tag}`)).toMatchObject([
    { subject: expect.stringContaining('access') },
  ]);
  await eventually('the activity is gone', async () => activities().length === 0);

  const told = [
    /Paid.*invoice.*Open in Stripe/s,
    /provisioned/,
    /guest@.*agreed/,
    /colleague@.*has a user now/,
  ];
  for (const model of ['crm.lead', 'x_stripe_subscription']) {
    await eventually(`the end of the story on ${model}`, async () =>
      told[3]!.test(storyOn(model).at(-1) ?? ''),
    );
    const places = told.map((line) => storyOn(model).findIndex((note) => line.test(note)));
    expect(places, storyOn(model).join('\n')).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(new Set(storyOn(model)).size).toBe(storyOn(model).length);
  }
}, 180_000);

it('nobody is sold a plan with fewer seats than people; who has none after all is named to staff', async () => {
  const people = (count: number, domain: string) =>
    Array.from({ length: count }, (_, index) => ({
      name: `Person ${index}`,
      email: `p${index}@${domain}`,
      role: index === 0 ? 'information_manager' : 'appointed_party',
    }));
  const refused = await checkout(
    scene.connector.publicUrl,
    draft({ stakeholders: people(11, 'many.example') }),
  );
  expect(refused.status).toBe(422);
  expect(refused.body.errors).toMatchObject([
    { pointer: '/stakeholders', code: 'seats', detail: expect.stringContaining('10 people') },
  ]);

  const reply = await checkout(scene.connector.publicUrl, draft({ stakeholders: people(10, 'ten.example') }));
  // An eleventh person comes by another way than the checkout.
  await scene.db.query(
    `insert into stakeholders (project_id, position, name, email, role)
     select project_id, 99, 'Late', 'late@ten.example', 'appointed_party' from stakeholders
      where email = 'p1@ten.example'`,
  );
  scene.world.systems.stripe.payCheckout(reply.body.session_id);
  await runOf(scene.connector, scene.db, reply.body.session_id);
  await eventually('the activity', async () =>
    activities().some((note) => note.includes('late@ten.example')),
  );
  expect(activities().find((note) => note.includes('late@'))).toMatch(/10 seats/);
  expect(
    scene.world.systems.odoo.find('res.users', (each) => each.login === 'late@ten.example'),
  ).toBeUndefined();
  expect(scene.world.systems.odoo.find('res.users', (each) => each.login === 'p9@ten.example')).toBeDefined();
}, 120_000);
