/** The wizard selling by other catalogues: per user with a trial, and by use. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { issueOrganisationToken } from '../../connector/billing/organisation-token.ts';
import { startFront } from '../support/front.ts';
import { ORGANISATION, PEOPLE, PROJECT, ROOT, visitor } from './wizard-visitor.ts';

describe('other catalogues', () => {
  it('per user: the quantity is asked, custom plans say "talk to us"', async () => {
    const other = await startFront({ catalogueFile: 'mappings/examples/blackroad.json', trialDays: 14 });
    const one = visitor(other.url);
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
    // Storage at a quarter of a cent, which is a price too.
    const catalogueFile = join(mkdtempSync(join(tmpdir(), 'catalogue-')), 'plans.json');
    const shipped = readFileSync('mappings/examples/coditect.json', 'utf8');
    writeFileSync(catalogueFile, shipped.replaceAll('"unitAmount": "5"', '"unitAmount": "0.25"'));
    const other = await startFront({ catalogueFile });
    const one = visitor(other.url);
    const plans = (await one.get(ROOT)).text.replaceAll('\u00a0', ' ');
    expect(plans).toContain('AI requests: USD 0.01 per request, by use');
    expect(plans).toContain('Storage: USD 0.0025 per MB, by use');
    await one.post(ROOT, [
      ['plan', 'coditect_pro'],
      ['interval', 'year'],
    ]);
    await one.post(`${ROOT}/organisation`, ORGANISATION);
    await one.post(`${ROOT}/project`, PROJECT);
    await one.post(`${ROOT}/stakeholders`, PEOPLE);
    const review = (await one.get(`${ROOT}/review`)).text.replaceAll('\u00a0', ' ');
    expect(review).toContain('USD 0.0025 per MB');
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
