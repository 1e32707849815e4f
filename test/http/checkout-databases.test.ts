import { expect, it } from 'vitest';
import {
  forgetOldDrafts,
  forgetOrderToken,
  loadDraft,
  orderTokenOf,
  saveDraft,
} from '../../connector/billing/drafts.ts';
import { forgetOldKeys } from '../../connector/billing/idempotency.ts';
import { createVault } from '../../connector/secrets/vault.ts';
import { describeOnEachDatabase } from '../support/database.ts';
import { CONNECTOR_SECRET, orderBody, startFront } from '../support/front.ts';

describeOnEachDatabase('checkout', (open) => {
  it('goes from request over a changed draft and many requests at once to a paid order', async () => {
    const front = await startFront({ db: await open() });
    const request = orderBody();
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const answers = await Promise.all(Array.from({ length: 6 }, () => front.post(request, headers)));
    expect(new Set(answers.map(({ body }) => body.session_id)).size).toBe(1);
    const { order } = answers[0]!.body;
    const together = await Promise.all(
      ['embedded', 'redirect', 'embedded', 'redirect'].map((ui) => front.post({ ...request, ui, order })),
    );
    for (const { status, body } of together)
      expect([201, 'checkout_in_progress']).toContain(body.code ?? status);
    const changed = await front.post({ ...request, plan: 'starter', order });
    const open_ = front.world.systems.stripe.sessions().filter(({ status }) => status === 'open');
    expect(open_.map(({ id }) => id)).toEqual([changed.body.session_id]);
    front.pay(changed.body.session_id);
    await front.sync(changed.body.session_id);
    const { rows } = await front.db.query(
      `select o.state, o.plan_key, count(*)::int as people from orders o
       join stakeholders s on s.project_id = o.project_id group by o.id`,
    );
    expect(rows).toEqual([{ state: 'paid', plan_key: 'starter', people: 2 }]);
    const later = new Date(front.world.clock.now().getTime() + 25 * 3_600_000);
    expect(await forgetOldKeys(front.db, later)).toBe(1);
    await front.stop();
  });

  it('keeps drafts sealed and forgets them after 30 days', async () => {
    const db = await open();
    let at = new Date('2026-01-01');
    const deps = { db, vault: createVault([CONNECTOR_SECRET]), now: () => at };
    await saveDraft(deps, 'token-a', { plan: 'starter' });
    await saveDraft(deps, 'token-a', { plan: 'enterprise' });
    expect(await loadDraft(deps, 'token-a')).toEqual({
      draft: { plan: 'enterprise' },
      orderToken: undefined,
    });
    // However many ask at once, and whatever is typed meanwhile: one order.
    const [token, ...others] = await Promise.all([
      orderTokenOf(deps, 'token-a'),
      orderTokenOf(deps, 'token-a'),
      saveDraft(deps, 'token-a', { plan: 'professional' }).then(() => orderTokenOf(deps, 'token-a')),
    ]);
    expect(others).toEqual([token, token]);
    expect(await loadDraft(deps, 'token-a')).toEqual({ draft: { plan: 'professional' }, orderToken: token });
    expect(JSON.stringify((await db.query('select * from drafts')).rows)).not.toContain(token);
    await forgetOrderToken(deps, 'token-a');
    expect(await orderTokenOf(deps, 'token-a')).not.toBe(token);
    expect(await loadDraft(deps, 'token-b')).toBeUndefined();
    const rotated = { ...deps, vault: createVault([Buffer.alloc(32, 1).toString('base64')]) };
    expect(await loadDraft(rotated, 'token-a')).toBeUndefined();
    at = new Date('2026-02-05');
    expect(await loadDraft(deps, 'token-a')).toBeUndefined();
    expect(await forgetOldDrafts(db, at)).toBe(1);
  });
});
