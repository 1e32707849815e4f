/** The wizard's steps, one after the other, without scripts: what is typed is kept, and what is wrong is said. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Front, startFront } from '../support/front.ts';
import { filledIn, ORGANISATION, PEOPLE, PLAN, PROJECT, ROOT, visitor } from './wizard-visitor.ts';

let front: Front;
beforeAll(async () => {
  front = await startFront();
});
afterAll(() => front?.stop());
describe('the wizard', () => {
  it('leads from step to step and remembers', async () => {
    const one = visitor(front.url);
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

  it('says what is wrong beside the field and keeps what was typed', async () => {
    const one = visitor(front.url);
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
    const one = visitor(front.url);
    expect((await one.get(`${ROOT}/review`)).location).toBe(ROOT);
    expect((await one.get(`${ROOT}/pay`)).location).toBe(ROOT);
    await one.post(ROOT, PLAN);
    expect((await one.get(`${ROOT}/stakeholders`)).location).toBe(`${ROOT}/organisation`);
    expect((await one.post(`${ROOT}/review`, [])).location).toBe(`${ROOT}/organisation`);
  });

  it('adds and removes people without scripts', async () => {
    const one = visitor(front.url);
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
    const one = await filledIn(front.url);
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
    const one = visitor(front.url);
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
    const one = visitor(front.url, 'fr-FR,fr;q=0.9,en;q=0.5');
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
});
