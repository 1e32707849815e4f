import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Front, startFront } from '../support/front.ts';

let front: Front;
beforeAll(async () => {
  front = await startFront();
});
afterAll(() => front.stop());

/** A browser without scripts: cookies, forms, redirects not followed. */
function visitor(language = 'en', at: () => string = () => front.url) {
  let cookie = '';
  const request = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(new URL(path, at()), {
      redirect: 'manual',
      ...init,
      headers: { 'accept-language': language, cookie, ...(init.headers as Record<string, string>) },
    });
    const set = response.headers.getSetCookie().find((value) => value.startsWith('draft='));
    if (set) cookie = set.split(';')[0]!;
    return {
      status: response.status,
      headers: response.headers,
      location: response.headers.get('location'),
      text: await response.text(),
      set,
    };
  };
  return {
    get: (path: string, headers: Record<string, string> = {}) => request(path, { headers }),
    post: (
      path: string,
      fields: readonly (readonly [string, string])[],
      headers: Record<string, string> = {},
    ) =>
      request(path, {
        method: 'POST',
        headers,
        body: new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])),
      }),
    forget: () => {
      cookie = '';
    },
    cookie: () => cookie,
  };
}

const ROOT = '/services/comply';
const PLAN = [
  ['plan', 'starter'],
  ['interval', 'year'],
] as const;
const ORGANISATION = [
  ['name', 'Ponts <i>& Co</i>'],
  ['country', 'FR'],
  ['vat_id', 'FR12345678901'],
  ['contact_name', 'Zoé "Z" Ünal'],
  ['contact_email', 'zoe@ponts-wizard.example'],
] as const;
const PROJECT = [
  ['name', 'Bridge'],
  ['code', 'B-1'],
  ['client', 'Ville'],
  ['description', 'Two\r\nlines'],
] as const;
const PEOPLE = [
  ['name', 'Zoé'],
  ['email', 'zoe@ponts-wizard.example'],
  ['role', 'information_manager'],
] as const;

async function filled(one = visitor()) {
  await one.post(ROOT, PLAN);
  await one.post(`${ROOT}/organisation`, ORGANISATION);
  await one.post(`${ROOT}/project`, PROJECT);
  await one.post(`${ROOT}/stakeholders`, PEOPLE);
  return one;
}

describe('the wizard', () => {
  it('leads from step to step and remembers', async () => {
    const one = visitor();
    expect((await one.get(ROOT)).text).toContain('Choose your plan');
    const plan = await one.post(ROOT, PLAN);
    expect(plan).toMatchObject({ status: 303, location: `${ROOT}/organisation` });
    expect(plan.set).toMatch(/HttpOnly/);
    expect(plan.set).toMatch(/SameSite=Lax/);
    expect(plan.set).toMatch(/Path=\/services\/comply/);
    expect((await one.post(`${ROOT}/organisation`, ORGANISATION)).location).toBe(`${ROOT}/project`);
    expect((await one.post(`${ROOT}/project`, PROJECT)).location).toBe(`${ROOT}/stakeholders`);
    expect((await one.get(`${ROOT}/stakeholders`)).text).toContain('zoe@ponts-wizard.example');
    expect((await one.post(`${ROOT}/stakeholders`, PEOPLE)).location).toBe(`${ROOT}/review`);
    const review = (await one.get(`${ROOT}/review`)).text.replaceAll('\u00a0', ' ');
    expect(review).toContain('USD 2,500 per year');
    expect(review).toContain('USD 1,500');
    expect(review).toContain('USD 4,000');
    expect((await one.get(`${ROOT}/organisation`)).text).toContain('value="Zoé &quot;Z&quot; Ünal"');
    expect((await one.post(`${ROOT}/review`, [])).location).toBe(`${ROOT}/pay`);
    const pay = await one.get(`${ROOT}/pay`);
    expect(pay.status).toBe(200);
    expect(pay.text).toContain(`src="${front.world.urls.stripe}/endive/stripe.js"`);
    expect(pay.text).toMatch(/data-client-secret="cs_\w+"/);
  });

  it('escapes every text it shows', async () => {
    const one = visitor();
    const evil = '"><script>alert(1)</script>';
    await one.post(ROOT, [
      ['plan', evil],
      ['interval', evil],
      ['quantity', evil],
    ]);
    expect((await one.get(ROOT)).text).not.toContain('<script>alert');
    await one.post(ROOT, PLAN);
    const pages: string[] = [];
    const all = (fields: readonly (readonly [string, string])[]) =>
      fields.map(([name]) => [name, evil] as const);
    pages.push((await one.post(`${ROOT}/organisation`, all(ORGANISATION))).text);
    await one.post(
      `${ROOT}/organisation`,
      ORGANISATION.map(([n, v]) => [n, n === 'name' || n === 'contact_name' ? evil : v] as const),
    );
    pages.push((await one.post(`${ROOT}/project`, all(PROJECT))).text);
    await one.post(
      `${ROOT}/project`,
      PROJECT.map(([n, v]) => [n, n === 'code' ? v : evil] as const),
    );
    pages.push((await one.post(`${ROOT}/stakeholders`, all(PEOPLE))).text);
    await one.post(
      `${ROOT}/stakeholders`,
      PEOPLE.map(([n, v]) => [n, n === 'name' ? evil : v] as const),
    );
    const review = await one.get(`${ROOT}/review`);
    expect(review.status).toBe(200);
    pages.push(review.text);
    for (const page of pages) {
      expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
      expect(page).not.toContain('<script>alert');
    }
  });

  it('says what is wrong beside the field and keeps what was typed', async () => {
    const one = visitor();
    await one.post(ROOT, PLAN);
    const { status, text } = await one.post(`${ROOT}/organisation`, [
      ['name', ''],
      ['country', 'XX'],
      ['contact_email', 'nobody'],
    ]);
    expect(status).toBe(422);
    expect(text).toMatch(
      /id="organisation-name"[^>]* aria-invalid="true" aria-describedby="organisation-name-error" autofocus/,
    );
    expect(text).toContain(
      '<p class="error" id="organisation-contact_email-error">This is not a complete e-mail address.</p>',
    );
    expect(text).toContain('value="nobody"');
    expect(text).toContain('<a href="#organisation-country">Country: Please choose a country.</a>');
    expect((await one.get(`${ROOT}/organisation`)).text).not.toContain('class="summary"');
  });

  it('does not let a step be skipped', async () => {
    const one = visitor();
    expect((await one.get(`${ROOT}/review`)).location).toBe(ROOT);
    expect((await one.get(`${ROOT}/pay`)).location).toBe(ROOT);
    await one.post(ROOT, PLAN);
    expect((await one.get(`${ROOT}/stakeholders`)).location).toBe(`${ROOT}/organisation`);
    expect((await one.post(`${ROOT}/review`, [])).location).toBe(`${ROOT}/organisation`);
  });

  it('adds and removes people without scripts', async () => {
    const one = visitor();
    await one.post(ROOT, PLAN);
    await one.post(`${ROOT}/organisation`, ORGANISATION);
    await one.post(`${ROOT}/project`, PROJECT);
    const rows = async () =>
      ((await one.get(`${ROOT}/stakeholders`)).text.match(/class="person"/g) ?? []).length;
    const person = (name: string, role: string) =>
      [
        ['name', name],
        ['email', `${name}@p.example`],
        ['role', role],
      ] as const;
    const two = [...person('a', 'information_manager'), ...person('b', 'appointed_party')];
    const added = await one.post(`${ROOT}/stakeholders`, [...two, ['action', 'add']]);
    expect(added).toMatchObject({ status: 303, location: `${ROOT}/stakeholders#stakeholders` });
    expect(await rows()).toBe(3);
    await one.post(`${ROOT}/stakeholders`, [...two, ['action', 'remove-0']]);
    expect(await rows()).toBe(1);
    const lonely = await one.post(`${ROOT}/stakeholders`, person('b', 'appointed_party'));
    expect(lonely.status).toBe(422);
    expect(lonely.text).toContain('At least one person must be the information manager.');
    const twice = await one.post(`${ROOT}/stakeholders`, [
      ...person('b', 'information_manager'),
      ...person('b', 'appointed_party'),
    ]);
    expect(twice.text).toContain('Person 2, E-mail: This person is listed twice');
    const blank = [
      ['name', ''],
      ['email', ''],
      ['role', ''],
    ] as const;
    expect(
      (await one.post(`${ROOT}/stakeholders`, [...person('a', 'information_manager'), ...blank])).location,
    ).toBe(`${ROOT}/review`);
    expect((await one.post(`${ROOT}/stakeholders`, blank)).status).toBe(422);
  });

  it('takes 500 people, fewer where the plan has fewer seats, and says so', async () => {
    const one = await filled();
    const people = (n: number) =>
      Array.from(
        { length: n },
        (_, index) =>
          [
            ['name', `Person ${index}`],
            ['email', `p${index}@crowd.example`],
            ['role', 'information_manager'],
          ] as const,
      ).flat();
    const seats = await one.post(`${ROOT}/stakeholders`, people(11));
    expect(seats.status).toBe(422);
    expect(seats.text).toContain('This plan gives access to 10 people');
    await one.post(ROOT, [
      ['plan', 'enterprise'],
      ['interval', 'year'],
    ]);
    expect((await one.post(`${ROOT}/stakeholders`, people(500))).status).toBe(303);
    const { status, text } = await one.post(`${ROOT}/stakeholders`, people(501));
    expect(status).toBe(422);
    expect(text).toContain('At most 500 people can be listed.');
  });

  it('keeps what a script sends while somebody types, right or wrong', async () => {
    const one = visitor();
    expect((await one.post(ROOT, [...PLAN, ['action', 'keep']])).status).toBe(204);
    await one.post(`${ROOT}/organisation`, [
      ['name', 'Half'],
      ['action', 'keep'],
    ]);
    expect((await one.get(`${ROOT}/organisation`)).text).toContain('value="Half"');
    await one.post(`${ROOT}/stakeholders`, [
      ['name', ''],
      ['email', ''],
      ['role', ''],
      ['action', 'keep'],
    ]);
  });

  it('speaks French to who prefers it', async () => {
    const one = visitor('fr-FR,fr;q=0.9,en;q=0.5');
    const { text } = await one.get(ROOT);
    expect(text).toContain('<html lang="fr">');
    expect(text).toContain('Choisissez votre formule');
    await one.post(ROOT, PLAN);
    expect((await one.get(`${ROOT}/organisation`)).text).toContain('>Allemagne</option>');
    const { text: wrong } = await one.post(`${ROOT}/organisation`, []);
    expect(wrong).toContain('Ce champ est obligatoire.');
    await one.post(`${ROOT}/organisation`, ORGANISATION);
    await one.post(`${ROOT}/project`, PROJECT);
    await one.post(`${ROOT}/stakeholders`, PEOPLE);
    expect((await one.get(`${ROOT}/review`)).text.replace(/[\u00a0\u202f]/g, ' ')).toContain(
      '2 500 USD par an',
    );
    await one.get(`${ROOT}/pay`);
    const { rows } = await front.db.query<{ locale: string }>(
      'select locale from organisations order by id desc limit 1',
    );
    expect(rows[0]!.locale).toBe('fr');
  });

  it('takes no form from another site, and begins no payment from there', async () => {
    const one = await filled();
    const elsewhere = { 'sec-fetch-site': 'cross-site' };
    const typed = await one.post(`${ROOT}/organisation`, [['name', 'Evil']], elsewhere);
    expect(typed.status).toBe(403);
    expect(typed.set).toBeUndefined();
    expect(typed.text).toContain('Nothing was changed');
    expect((await one.post(ROOT, PLAN, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await one.post(`${ROOT}/pay`, [], elsewhere)).status).toBe(403);
    expect(await one.get(`${ROOT}/pay`, elsewhere)).toMatchObject({
      status: 303,
      location: `${ROOT}/review`,
    });
    expect((await one.get(`${ROOT}/organisation`)).text).not.toContain('Evil');
    const ours = { 'sec-fetch-site': 'same-origin', origin: 'null' };
    expect((await one.post(`${ROOT}/organisation`, ORGANISATION, ours)).status).toBe(303);
  });

  it('reads what a form sends, and nothing else as one', async () => {
    const { status, text } = await visitor().post(ROOT, PLAN, { 'content-type': 'application/json' });
    expect(status).toBe(422);
    expect(text).not.toContain('value="starter" checked');
  });

  it('gives no draft to a cookie it never gave', async () => {
    const one = visitor();
    const made = await fetch(new URL(ROOT, front.url), {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: `draft=${'B'.repeat(43)}` },
      body: new URLSearchParams([
        ['plan', 'starter'],
        ['interval', 'month'],
      ]),
    });
    expect(made.headers.getSetCookie()[0]).not.toContain('B'.repeat(43));
    expect(one.cookie()).toBe('');
  });

  it('stores drafts sealed', async () => {
    await filled();
    const { rows } = await front.db.query('select * from drafts');
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain('ponts-wizard');
  });
});

describe('payment', () => {
  it('is one order, however often its page is opened, and two clicks at once', async () => {
    const one = await filled();
    const before = await orders();
    const both = await Promise.all([one.get(`${ROOT}/pay`), one.get(`${ROOT}/pay`)]);
    both.push(await one.get(`${ROOT}/pay`));
    const secrets = both.map(({ text }) => /data-client-secret="(\w+)"/.exec(text)?.[1]);
    expect(new Set(secrets).size).toBe(1);
    expect(await orders()).toBe(before + 1);
  });

  it('is one order of embedded and hosted begun at once, and keeps what is typed meanwhile', async () => {
    const one = await filled();
    const before = await orders();
    // Stripe answers slowly, so that the change comes while payment is being begun.
    front.world.delay('stripe', 150);
    const begun = [one.get(`${ROOT}/pay`), one.post(`${ROOT}/pay`, [])];
    await new Promise((resolve) => setTimeout(resolve, 60));
    await one.post(`${ROOT}/project`, [
      ['name', 'Typed meanwhile'],
      ['code', 'TM-1'],
    ]);
    await Promise.all(begun);
    front.world.delay('stripe', 0);
    expect((await one.get(`${ROOT}/project`)).text).toContain('value="Typed meanwhile"');
    expect((await one.get(`${ROOT}/pay`)).status).toBe(200);
    expect(await orders()).toBe(before + 1);
    const { rows } = await front.db.query<{ id: number; name: string }>(
      'select o.id, p.name from orders o join projects p on p.id = o.project_id order by o.id desc limit 1',
    );
    expect(rows[0]!.name).toBe('Typed meanwhile');
    const open = front.world.systems.stripe
      .sessions()
      .filter(({ metadata, status }) => metadata!.order_id === String(rows[0]!.id) && status === 'open');
    expect(open).toHaveLength(1);
  });

  it('goes to Stripe’s own page without scripts', async () => {
    const one = await filled();
    const { status, location } = await one.post(`${ROOT}/pay`, []);
    expect(status).toBe(303);
    expect(location).toContain(front.world.urls.stripe);
  });

  it('follows a draft changed after the first try', async () => {
    const one = await filled();
    const first = (await one.get(`${ROOT}/pay`)).text;
    await one.post(ROOT, [
      ['plan', 'enterprise'],
      ['interval', 'month'],
    ]);
    const second = (await one.get(`${ROOT}/pay`)).text;
    const id = (text: string) => /data-client-secret="(cs_test_\w+?)_secret/.exec(text)![1]!;
    expect(id(second)).not.toBe(id(first));
    const of = (sessionId: string) =>
      front.world.systems.stripe.sessions().find((session) => session.id === sessionId)!;
    expect(of(id(first)).status).toBe('expired');
    expect(of(id(second)).amount_total).toBe(700_000);
  });

  it('leads to the order page once paid, and the next visit begins anew', async () => {
    const one = await filled();
    const { text } = await one.get(`${ROOT}/pay`);
    const sessionId = /data-client-secret="(cs_test_\w+?)_secret/.exec(text)![1]!;
    front.pay(sessionId);
    const { status, location } = await one.get(`${ROOT}/pay`);
    expect(status).toBe(303);
    expect(location).toMatch(/^\/orders\/[\w-]{43}$/);
    await front.sync(sessionId);
    expect((await one.get(`${ROOT}/pay`)).location).toBe(location);
    expect((await one.get(`${ROOT}/review`)).location).toBe(ROOT);
  });

  it('makes a new order of the draft when the old one’s link has expired', async () => {
    const one = await filled();
    await one.get(`${ROOT}/pay`);
    await front.db.query("update orders set token_expires_at = '2000-01-01'");
    expect((await one.get(`${ROOT}/pay`)).location).toBe(`${ROOT}/review`);
    expect((await one.get(`${ROOT}/pay`)).status).toBe(200);
  });

  it('says so kindly while Stripe is away, and loses nothing', async () => {
    const one = await filled();
    front.world.faults.add({ system: 'stripe', times: 20, kind: 'server_error' });
    const { status, text } = await one.get(`${ROOT}/pay`);
    front.world.faults.clear();
    expect(status).toBe(503);
    expect(text).toContain('Please try again in a moment');
    expect((await one.get(`${ROOT}/pay`)).status).toBe(200);
  });

  it('widens the content policy by Stripe alone, and only there', async () => {
    const one = await filled();
    const { headers, text } = await one.get(`${ROOT}/pay`);
    const policy = headers.get('content-security-policy')!;
    const { stripe } = front.world.urls;
    expect(policy).toContain(`script-src 'self' ${stripe};`);
    expect(policy).toContain(`frame-src ${stripe}`);
    expect(policy).toContain(`form-action 'self' ${stripe}`);
    const review = await one.get(`${ROOT}/review`);
    expect(review.headers.get('content-security-policy')).not.toContain(stripe);
    for (const page of [text, review.text])
      expect(page).not.toMatch(/<script>|<script [^>]*>[^<]|<style| style=| on\w+="/);
  });
});

async function orders() {
  const { rows } = await front.db.query<{ n: number }>('select count(*)::int as n from orders');
  return rows[0]!.n;
}

describe('other catalogues', () => {
  it('per user: the quantity is asked, custom plans say "talk to us"', async () => {
    const other = await startFront({ catalogueFile: 'mappings/examples/blackroad.json', trialDays: 14 });
    const one = visitor('en', () => other.url);
    const first = await one.get(ROOT);
    expect(first.text).toContain('href="mailto:sales@blackroad.example"');
    expect(first.text).toContain('Number of users');
    expect(
      (
        await one.post(ROOT, [
          ['plan', 'blackroad_enterprise'],
          ['interval', 'month'],
        ])
      ).text,
    ).toContain('please talk to us');
    expect(
      (
        await one.post(ROOT, [
          ['plan', 'blackroad_pro'],
          ['interval', 'year'],
        ])
      ).status,
    ).toBe(422);
    expect(
      (
        await one.post(ROOT, [
          ['plan', 'blackroad_pro'],
          ['interval', 'month'],
          ['quantity', 'many'],
        ])
      ).status,
    ).toBe(422);
    await one.post(ROOT, [
      ['plan', 'blackroad_pro'],
      ['interval', 'month'],
      ['quantity', '7'],
    ]);
    await one.post(`${ROOT}/organisation`, ORGANISATION);
    await one.post(`${ROOT}/project`, PROJECT);
    await one.post(`${ROOT}/stakeholders`, PEOPLE);
    const review = (await one.get(`${ROOT}/review`)).text.replaceAll('\u00a0', ' ');
    expect(review).toContain('7 users');
    expect(review).toContain('USD 35 per month');
    expect(review).toContain('after a trial of 14 days');
    await one.get(`${ROOT}/pay`);
    const [session] = other.world.systems.stripe.sessions();
    const lines = await other.stripe.checkout.sessions.listLineItems(session!.id);
    expect(lines.data.map(({ quantity }) => quantity)).toEqual([7]);
    other.pay(session!.id);
    await other.sync(session!.id);
    expect(other.world.systems.stripe.subscriptions()[0]!.status).toBe('trialing');
    // One trial per organisation: the second project of the same one begins paid.
    const { rows } = await other.db.query<{ id: number }>('select id from organisations');
    const { issueOrganisationToken } = await import('../../connector/billing/organisation-token.ts');
    const bearer = issueOrganisationToken(other.deps, rows[0]!.id);
    const again = await other.post(
      {
        plan: 'blackroad_basic',
        interval: 'month',
        project: { name: 'Two', code: 'T' },
        stakeholders: [{ name: 'Z', email: 'z@two.example', role: 'information_manager' }],
      },
      { authorization: `Bearer ${bearer}` },
    );
    other.pay(again.body.session_id);
    const statuses = other.world.systems.stripe.subscriptions().map(({ status }) => status);
    expect(statuses.sort()).toEqual(['active', 'trialing']);
    await other.stop();
  });

  it('metered: prices by use stand beside the recurring one', async () => {
    const other = await startFront({ catalogueFile: 'mappings/examples/coditect.json' });
    const one = visitor('en', () => other.url);
    expect((await one.get(ROOT)).text.replaceAll('\u00a0', ' ')).toContain(
      'AI requests: USD 0.01 per request, by use',
    );
    await one.post(ROOT, [
      ['plan', 'coditect_pro'],
      ['interval', 'year'],
    ]);
    await one.post(`${ROOT}/organisation`, ORGANISATION);
    await one.post(`${ROOT}/project`, PROJECT);
    await one.post(`${ROOT}/stakeholders`, PEOPLE);
    expect((await one.get(`${ROOT}/pay`)).status).toBe(200);
    const [session] = other.world.systems.stripe.sessions();
    const lines = await other.stripe.checkout.sessions.listLineItems(session!.id);
    expect(lines.data.map(({ price }) => price?.lookup_key).sort()).toEqual([
      'coditect_pro_ai_requests_year',
      'coditect_pro_storage_year',
      'coditect_pro_year',
    ]);
    await other.stop();
  });
});
