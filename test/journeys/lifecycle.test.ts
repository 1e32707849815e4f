/** The end of a subscription with the clock moved: read-only, archived, announced, deleted; and the ways back. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/connector.ts';
import { canWrite, type Life, openLife } from './life-scene.ts';

let life: Life;
beforeEach(async () => {
  life = await openLife();
});
afterEach(() => life?.close());

describe('the end', () => {
  it('comes in stages, each with its mail, and in the end nothing of the project is left', async () => {
    const customer = await life.buy();
    const before = await life.storage(customer);
    expect(canWrite(before.keys)).toEqual([true]);
    expect(life.folders(customer)).toBeGreaterThan(4);
    await life.end(customer);
    expect(await life.access(customer)).toBe('deprovisioned');
    const readOnly = await life.storage(customer);
    expect(canWrite(readOnly.keys)).toEqual([false]);
    expect(readOnly.keys[0]!.applicationKeyId).toBe(readOnly.row!.keyId);
    expect(readOnly.row!.keyId).not.toBe(before.row!.keyId);
    expect(life.active(customer)).toEqual([true, true]);
    expect((await life.subjects(customer.contact)).at(-1)).toMatch(/read-only/);
    await eventually('the ERP says so', async () => life.record(customer)?.x_access === 'deprovisioned');
    expect(life.record(customer)).toMatchObject({ x_status: 'canceled' });
    await eventually('a note says so, and when the next stage comes', async () =>
      life.world.systems.odoo
        .records('mail.message')
        .some(({ body }) => /Access is read-only.*Next on \d{4}-\d\d-\d\d/.test(String(body))),
    );
    expect((await life.stages(customer, false)).map(({ stage, state }) => [stage, state])).toEqual([
      ['archive_access', 'waiting'],
      ['announce_deletion', 'waiting'],
      ['delete_data', 'waiting'],
    ]);

    expect(await life.tick(29)).toBe(0);
    expect(await life.tick(1.01)).toBe(1);
    await life.done(customer.subscriptionId, 'archive_access');
    expect(life.active(customer)).toEqual([false, false]);
    expect((await life.storage(customer)).keys).toEqual([]);
    expect((await life.subjects(customer.contact)).at(-1)).toMatch(/access has ended/);
    expect(
      (await life.db.query('select 1 from secrets where owner = $1', [`project_${customer.projectId}`]))
        .rowCount,
    ).toBe(0);

    expect(await life.tick(46)).toBe(1);
    await life.done(customer.subscriptionId, 'announce_deletion');
    expect((await life.subjects(customer.contact)).at(-1)).toMatch(/will be deleted on/);

    const { bucket, row } = await life.storage(customer);
    expect(life.world.systems.b2.files(row!.bucket).length).toBe(2);
    expect(await life.tick(13)).toBe(0);
    expect(await life.tick(1.01)).toBe(1);
    await life.done(customer.subscriptionId, 'delete_data');
    expect(life.world.systems.b2.buckets().some((each) => each.bucketId === bucket!.bucketId)).toBe(false);
    expect(life.folders(customer)).toBe(0);
    expect((await life.storage(customer)).row).toBeUndefined();
    expect((await life.subjects(customer.contact)).at(-1)).toMatch(/are deleted/);
    expect((await life.stages(customer)).every(({ state }) => state === 'done')).toBe(true);
    // The customer and their people stay in the ERP: it is the company's own record of a sale.
    await expect(
      life.connector.admin.request('POST', `/lifecycle/${customer.subscriptionId}/undo`),
    ).rejects.toThrow(/cannot be undone/);
  });

  it('of one of two subscriptions leaves the other and its people untouched', async () => {
    const first = await life.buy();
    const shared = { name: 'Ines Manager', email: first.logins[0]!, role: 'information_manager' };
    const second = await life.buy({ stakeholders: [shared] }, first);
    expect(second.organisationId).toBe(first.organisationId);
    const untouched = await life.storage(second);
    await life.end(first);
    await life.tick(30.1);
    await life.done(first.subscriptionId, 'archive_access');
    // Ines is needed by the second project, Lars by none.
    const byLogin = Object.fromEntries(
      life.world.systems.odoo.records('res.users').map((user) => [String(user.login), user.active === true]),
    );
    expect(first.logins.map((login) => byLogin[login])).toEqual([true, false]);
    await life.tick(46);
    await life.done(first.subscriptionId, 'announce_deletion');
    await life.tick(14.1);
    await life.done(first.subscriptionId, 'delete_data');
    expect(await life.access(second)).toBe('provisioned');
    expect(await life.storage(second)).toEqual(untouched);
    expect(life.folders(second)).toBeGreaterThan(4);
    expect(life.folders(first)).toBe(0);
  });

  it('of a second one soon after lets shared people read to its own day', async () => {
    const first = await life.buy();
    const shared = { name: 'Ines Manager', email: first.logins[0]!, role: 'information_manager' };
    const second = await life.buy({ stakeholders: [shared] }, first);
    await life.end(first);
    await life.tick(20);
    await life.end(second);
    expect(await life.tick(10.1)).toBe(1);
    await life.done(first.subscriptionId, 'archive_access');
    expect(life.active(first)).toEqual([true, false]);
    expect(await life.tick(20)).toBe(1);
    await life.done(second.subscriptionId, 'archive_access');
    expect(life.active(first)).toEqual([false, false]);
  });

  it('is undone until the deletion, and ended again', async () => {
    const customer = await life.buy();
    await life.end(customer);
    await life.tick(30.1);
    await life.done(customer.subscriptionId, 'archive_access');
    await life.connector.admin.request('POST', `/lifecycle/${customer.providerId}/undo`);
    await life.done(customer.subscriptionId, 'restore');
    expect(await life.access(customer)).toBe('provisioned');
    expect(life.active(customer)).toEqual([true, true]);
    expect(canWrite((await life.storage(customer)).keys)).toEqual([true]);
    expect((await life.subjects(customer.contact)).at(-1)).toMatch(/restored/);
    expect(await life.tick(100)).toBe(0);
    await life.connector.admin.request('POST', `/lifecycle/${customer.providerId}/end`);
    await eventually(
      'read-only again',
      async () => canWrite((await life.storage(customer)).keys)[0] === false,
    );
    expect((await life.stages(customer, false)).map(({ stage }) => stage)).toContain('delete_data');
  });

  it('keeps data under a legal hold; released, the deletion is announced before it comes', async () => {
    const customer = await life.buy();
    await life.connector.admin.request('POST', `/lifecycle/org_${customer.organisationId}/hold`, {
      reason: 'court case 7',
    });
    await life.end(customer);
    await life.tick(30.1);
    await life.done(customer.subscriptionId, 'archive_access');
    await life.tick(150);
    const held = await life.stages(customer, false);
    expect(held.map(({ stage, state, why }) => [stage, state, why])).toEqual([
      ['announce_deletion', 'held', 'court case 7'],
      ['delete_data', 'held', 'court case 7'],
    ]);
    expect((await life.storage(customer)).bucket).toBeDefined();
    await life.connector.admin.request('POST', `/lifecycle/org_${customer.organisationId}/release`);
    await life.tick(0);
    await life.done(customer.subscriptionId, 'announce_deletion');
    expect((await life.stages(customer, false)).map(({ state }) => state)).toEqual(['waiting']);
    await life.tick(13);
    expect((await life.storage(customer)).bucket).toBeDefined();
    await life.tick(1.1);
    await life.done(customer.subscriptionId, 'delete_data');
    expect((await life.storage(customer)).bucket).toBeUndefined();
  });
});

describe('a return', () => {
  it('within retention restores key, users and workspace; the end is called off', async () => {
    const customer = await life.buy();
    const before = await life.storage(customer);
    const tree = life.folders(customer);
    await life.end(customer);
    await life.tick(30.1);
    await life.done(customer.subscriptionId, 'archive_access');
    const again = await life.comeBack(customer);
    await life.done(again, 'restore');
    expect(await life.access({ ...customer, subscriptionId: again })).toBe('provisioned');
    // Given back twice, the project would outlive the end of the subscription that serves it now.
    await expect(
      life.connector.admin.request('POST', `/lifecycle/${customer.subscriptionId}/undo`),
    ).rejects.toThrow(/another subscription/);
    const after = await life.storage(customer);
    expect(after.bucket!.bucketId).toBe(before.bucket!.bucketId);
    expect(canWrite(after.keys)).toEqual([true]);
    expect(life.active(customer)).toEqual([true, true]);
    expect(life.folders(customer)).toBe(tree);
    expect((await life.stages(customer, false)).length).toBe(0);
    expect((await life.stages(customer)).map(({ state }) => state)).toEqual([
      'done',
      'done',
      'called_off',
      'called_off',
    ]);
    await life.tick(200);
    expect((await life.storage(customer)).bucket).toBeDefined();
  });

  it('is made on the billing page, where the mails about the end lead: for what it said, once', async () => {
    const customer = await life.buy();
    await life.end(customer);
    const { publicUrl, admin } = life.connector;
    const mail = (await life.world.systems.mail.to(customer.contact)).at(-1);
    expect(mail!.text).toContain(`Come back: ${publicUrl}/billing`);
    const { token } = await admin.request<{ token: string }>(
      'POST',
      `/organisations/${customer.organisationId}/token`,
    );
    const headers = { cookie: `billing=${token}`, origin: publicUrl };
    const page = async () => (await fetch(`${publicUrl}/billing`, { headers })).text();
    const send = (path: string, fields: Record<string, string>) =>
      fetch(`${publicUrl}/billing/${path}`, {
        method: 'POST',
        redirect: 'manual',
        headers,
        body: new URLSearchParams(fields),
      });
    const hidden = (text: string, form: string) => {
      const [own] = text.split(`action="/billing/${form}"`)[1]!.split('</form>');
      const fields = own!.matchAll(/type="hidden" name="(\w+)" value="(\w+)"/g);
      return Object.fromEntries([...fields].map(([, name, value]) => [name!, value!]));
    };
    const first = await page();
    expect(first).toContain('action="/billing/return"');
    const review = await send('return', {
      ...hidden(first, 'return'),
      plan_key: 'starter',
      interval: 'month',
    });
    const shown = await review.text();
    const due = Number(/data-amount="(\d+)"/.exec(shown)![1]);
    // Everything is only restored: no set-up again.
    expect(due).toBe(250_00);
    const order = hidden(shown, 'return/confirm');
    expect((await send('return/confirm', { ...order, due: '1' })).headers.get('location')).toBe(
      '/billing?note=preview_out_of_date',
    );
    for (const answer of await Promise.all([send('return/confirm', order), send('return/confirm', order)]))
      expect(answer.headers.get('location')).toBe('/billing?note=returned');
    const charged = () =>
      life.world.systems.stripe
        .invoices()
        .filter((each) => each.customer === customer.customer)
        .map(({ amount_paid }) => amount_paid);
    const [, ...since] = charged();
    expect(since).toEqual([due]);
    const { rows } = await life.db.query<{ id: number }>(
      'select id from subscriptions where project_id = $1 and ended_at is null',
      [customer.projectId],
    );
    expect(rows).toHaveLength(1);
    await life.done(rows[0]!.id, 'restore');
    expect(canWrite((await life.storage(customer)).keys)).toEqual([true]);
    // From another window, left open: somebody lives on the project again.
    await send('return/confirm', { ...order, plan_key: 'enterprise' });
    expect(charged()).toHaveLength(2);
    expect(await page()).not.toContain('action="/billing/return"');
  });

  it('after the deletion is provisioned anew', async () => {
    const customer = await life.buy();
    await life.end(customer);
    await life.tick(30.1);
    await life.done(customer.subscriptionId, 'archive_access');
    await life.tick(46);
    await life.done(customer.subscriptionId, 'announce_deletion');
    await life.tick(14.1);
    await life.done(customer.subscriptionId, 'delete_data');
    const again = await life.comeBack(customer);
    await life.done(again, 'provision');
    const after = await life.storage(customer);
    expect(canWrite(after.keys)).toEqual([true]);
    expect(life.world.systems.b2.files(after.row!.bucket).length).toBe(2);
    expect(life.folders(customer)).toBeGreaterThan(4);
    expect(life.active(customer)).toEqual([true, true]);
    // What is made anew costs its set-up.
    const paid = life.world.systems.stripe
      .invoices()
      .filter((each) => each.customer === customer.customer)
      .map(({ amount_paid }) => amount_paid);
    expect(paid.at(-1)).toBe(paid[0]);
  });
});
