import { beforeAll, describe, expect, test } from 'vitest';
import { createRunAction, type RunAction } from '../../../connector/crm/actions.ts';
import { setPasswordUrl } from '../../../connector/crm/set-password.ts';
import { openPreparedErp, type PreparedErp, unique } from './erp.ts';

let erp: PreparedErp;
let runAction: RunAction;
beforeAll(async () => {
  erp = await openPreparedErp();
  runAction = createRunAction(erp.service);
}, 180_000);

interface Answer {
  partner_id: number;
  user_id: number | false;
  user_partner_id?: number;
  login: string;
  outcome: string;
  reason: string | false;
}

const address = (what: string): string => `${unique(what)}@example.com`;

async function contact(values: {
  name?: string;
  email: string | false;
  parent_id?: number;
}): Promise<number> {
  const ids = await erp.service.call<number[]>('res.partner', 'create', {
    vals_list: [{ name: unique('contact'), ...values }],
  });
  erp.tidy('res.partner', ids);
  return ids[0]!;
}

async function grant(...ids: number[]): Promise<Answer[]> {
  const { users } = await runAction<{ users: Answer[] }>('portal_users', { ids });
  erp.tidy(
    'res.users',
    users.flatMap((user) => (user.outcome === 'created' ? [user.user_id as number] : [])),
  );
  return users;
}

async function accept(id: number): Promise<Answer[]> {
  const { users } = await runAction<{ users: Answer[] }>('portal_users', {
    ids: [id],
    values: { accepted: [id] },
  });
  return users;
}

async function user(values: Record<string, unknown>): Promise<number> {
  const ids = await erp.admin.call<number[]>('res.users', 'create', {
    vals_list: [{ name: unique('user'), ...values }],
    context: { no_reset_password: true },
  });
  erp.tidy('res.users', ids);
  return ids[0]!;
}

const groups = async (xmlName: string) => {
  const group = await erp.admin.xmlidToRes('base', xmlName);
  return { [erp.facts.groupsField]: [[6, 0, [group!.id]]] };
};

const readUser = async (id: number) => {
  const [row] = await erp.admin.call<Record<string, unknown>[]>('res.users', 'read', {
    ids: [id],
    fields: ['login', 'share', 'active', 'partner_id', erp.facts.groupsField],
  });
  return row;
};

describe('portal users by the guarded action', () => {
  test('makes a portal user without an invitation mail, once', async () => {
    const email = address('New.Person');
    const id = await contact({ email });
    const mailsBefore = await erp.admin.call<number>('mail.mail', 'search_count', { domain: [] });
    const [first] = await grant(id);
    expect(first).toMatchObject({ partner_id: id, outcome: 'created', login: email.toLowerCase() });
    expect(await readUser(first!.user_id as number)).toMatchObject({
      share: true,
      active: true,
      login: email.toLowerCase(),
    });
    const [second] = await grant(id);
    expect(second).toMatchObject({ outcome: 'already_ours', user_id: first!.user_id });
    expect(await erp.admin.call<number>('mail.mail', 'search_count', { domain: [] })).toBe(mailsBefore);
  });

  test('several people in one call, each with an answer', async () => {
    const ids = [
      await contact({ email: address('a') }),
      await contact({ email: false }),
      await contact({ email: address('b') }),
    ];
    const answers = await grant(...ids);
    expect(answers.map(({ outcome }) => outcome)).toEqual(['created', 'needs_staff', 'created']);
    expect(answers[1]).toMatchObject({ user_id: false, reason: 'no_valid_email' });
  });

  test('an administrator’s address: staff decide, and nothing of theirs changes', async () => {
    const admin = await erp.admin.xmlidToRes('base', 'user_admin');
    const before = await readUser(admin!.id);
    const [partner] = await erp.admin.call<{ email: string | false }[]>('res.partner', 'read', {
      ids: [(before!.partner_id as [number, string])[0]],
      fields: ['email'],
    });
    const email = partner?.email || address('admin');
    if (!partner?.email) {
      await erp.admin.call('res.partner', 'write', {
        ids: [(before!.partner_id as [number])[0]],
        vals: { email },
      });
    }
    const [answer] = await grant(await contact({ email }));
    expect(answer).toMatchObject({
      outcome: 'needs_staff',
      user_id: false,
      reason: 'internal_or_archived_user',
    });
    expect(await readUser(admin!.id)).toEqual(before);
  });

  test('an internal user, by address in other letters and by login', async () => {
    const email = address('internal');
    await user({ login: email, email });
    const [byAddress] = await grant(await contact({ email: email.toUpperCase() }));
    expect(byAddress).toMatchObject({ outcome: 'needs_staff', reason: 'internal_or_archived_user' });
    const login = address('login');
    await user({ login, email: address('other') });
    const [byLogin] = await grant(await contact({ email: login }));
    expect(byLogin).toMatchObject({ outcome: 'needs_staff', reason: 'internal_or_archived_user' });
  });

  test('a contact that is itself an internal user’s', async () => {
    const id = await user({ login: address('own'), email: address('own') });
    const { partner_id } = (await readUser(id)) as { partner_id: [number, string] };
    const [answer] = await grant(partner_id[0]);
    expect(answer).toMatchObject({ outcome: 'needs_staff', reason: 'internal_or_archived_user' });
  });

  test('an archived user is not revived', async () => {
    const email = address('archived');
    const id = await user({ login: email, email, active: false });
    const [answer] = await grant(await contact({ email }));
    expect(answer).toMatchObject({ outcome: 'needs_staff', reason: 'internal_or_archived_user' });
    expect(await readUser(id)).toMatchObject({ active: false });
  });

  test('a portal user somebody else made must accept', async () => {
    const email = address('foreign');
    const id = await user({ login: email, email, ...(await groups('group_portal')) });
    const [answer] = await grant(await contact({ email }));
    expect(answer).toMatchObject({
      outcome: 'needs_acceptance',
      user_id: false,
      reason: 'portal_user_of_somebody_else',
    });
    const { partner_id } = (await readUser(id)) as { partner_id: [number, string] };
    const [own] = await grant(partner_id[0]);
    expect(own).toMatchObject({ outcome: 'needs_acceptance' });
  });

  test('our own user of another customer must accept; of the same one it is theirs', async () => {
    const email = address('shared');
    const [one, two] = [
      await contact({ email: false, name: unique('Company one') }),
      await contact({ email: false, name: unique('Company two') }),
    ];
    const [made] = await grant(await contact({ email, parent_id: one }));
    expect(made).toMatchObject({ outcome: 'created' });
    const [other] = await grant(await contact({ email, parent_id: two }));
    expect(other).toMatchObject({
      outcome: 'needs_acceptance',
      user_id: false,
      reason: 'portal_user_of_another_customer',
    });
    const [same] = await grant(await contact({ email, parent_id: one }));
    expect(same).toMatchObject({ outcome: 'already_ours', user_id: made!.user_id });
  });

  test('who agreed comes in as a guest of that customer alone, and nothing of their user changes', async () => {
    const email = address('guest');
    const id = await user({ login: email, email, ...(await groups('group_portal')) });
    const before = await readUser(id);
    const company = await contact({ email: false, name: unique('Company') });
    const asked = await contact({ email, parent_id: company });
    const [answer] = await accept(asked);
    expect(answer).toMatchObject({
      outcome: 'accepted',
      user_id: id,
      login: email,
      user_partner_id: (before!.partner_id as [number])[0],
    });
    // Said once; from then on the ERP knows.
    expect(await grant(asked)).toMatchObject([{ outcome: 'accepted', user_id: id }]);
    expect(await readUser(id)).toEqual(before);
    expect(await grant(await contact({ email, parent_id: await contact({ email: false }) }))).toMatchObject([
      { outcome: 'needs_acceptance', user_id: false },
    ]);
    for (const partnerId of [asked, (before!.partner_id as [number])[0]])
      await expect(setPasswordUrl(runAction, { partnerId })).rejects.toMatchObject({
        code: 'erp_user_not_ours',
      });
  });

  test('agreeing opens no internal, archived or administrator’s user, nor one of several', async () => {
    const [internal, archived, twice] = [address('internal'), address('archived'), address('twice')];
    await user({ login: internal, email: internal });
    await user({ login: archived, email: archived, active: false, ...(await groups('group_portal')) });
    await user({ login: twice, email: address('one'), ...(await groups('group_portal')) });
    await user({ login: address('two'), email: twice, ...(await groups('group_portal')) });
    const admin = (await erp.admin.xmlidToRes('base', 'user_admin'))!.id;
    const [administrator] = await erp.admin.call<{ email: string | false }[]>('res.users', 'read', {
      ids: [admin],
      fields: ['email'],
    });
    const adminEmail = administrator?.email ? [administrator.email] : [];
    for (const email of [internal, archived, twice, ...adminEmail]) {
      const [answer] = await accept(await contact({ email }));
      expect(answer).toMatchObject({ outcome: 'needs_staff', user_id: false });
    }
  });

  test('a role is a group of the portal user’s, which stays a portal user', async () => {
    const id = await contact({ email: address('role') });
    const { users } = await runAction<{ users: Answer[] }>('portal_users', {
      ids: [id],
      values: { roles: [[id, 'information_manager']] },
    });
    const made = users[0]!.user_id as number;
    erp.tidy('res.users', [made]);
    const role = await erp.admin.xmlidToRes('stripe_connector', 'group_role_information_manager');
    const portal = await erp.admin.xmlidToRes('base', 'group_portal');
    const row = await readUser(made);
    expect(row).toMatchObject({ share: true });
    expect(row![erp.facts.groupsField]).toEqual(expect.arrayContaining([role!.id, portal!.id]));
  });

  test('signs in an address are not wildcards', async () => {
    const tail = unique('x');
    await user({ login: `aXb-${tail}@example.com`, email: `axb-${tail}@example.com` });
    const [answer] = await grant(await contact({ email: `a_b-${tail}@example.com` }));
    expect(answer).toMatchObject({ outcome: 'created' });
  });
});

describe('set-password links', () => {
  test('a fresh link leads to a form, again and again', async () => {
    const id = await contact({ email: address('link') });
    await grant(id);
    for (let time = 0; time < 2; time += 1) {
      const url = await setPasswordUrl(runAction, { partnerId: id });
      expect(new URL(url).searchParams.get('token')).toBeTruthy();
      const page = await fetch(url, { redirect: 'manual' });
      expect(page.status).toBe(200);
      const text = await page.text();
      expect(text).toContain('name="password"');
      expect(text).toContain('name="confirm_password"');
    }
  });

  test('not for users the action did not make, nor for people without one', async () => {
    const email = address('foreign');
    const id = await user({ login: email, email, ...(await groups('group_portal')) });
    const { partner_id } = (await readUser(id)) as { partner_id: [number, string] };
    const admin = (await readUser((await erp.admin.xmlidToRes('base', 'user_admin'))!.id)) as {
      partner_id: [number];
    };
    for (const partnerId of [
      partner_id[0],
      admin.partner_id[0],
      await contact({ email: address('nobody') }),
    ]) {
      await expect(setPasswordUrl(runAction, { partnerId })).rejects.toMatchObject({
        kind: 'conflict',
        code: 'erp_user_not_ours',
      });
    }
  });

  test('not for an archived user, though we made it', async () => {
    const id = await contact({ email: address('gone') });
    const [made] = await grant(id);
    await erp.admin.call('res.users', 'write', { ids: [made!.user_id as number], vals: { active: false } });
    await expect(setPasswordUrl(runAction, { partnerId: id })).rejects.toMatchObject({
      code: 'erp_user_inactive',
    });
  });

  test('not after the first login', async () => {
    const email = address('loggedin');
    const id = await contact({ email });
    const [made] = await grant(id);
    const password = unique('Long-Passw0rd');
    await erp.admin.call('res.users', 'write', { ids: [made!.user_id as number], vals: { password } });
    await webLogin(erp, made!.login, password);
    await expect(setPasswordUrl(runAction, { partnerId: id })).rejects.toMatchObject({
      code: 'erp_user_already_logged_in',
    });
  });
});

/** Logs in as a person does on the login page. */
async function webLogin({ url, db }: PreparedErp, login: string, password: string): Promise<void> {
  const answer = await fetch(`${url}/web/session/authenticate`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', method: 'call', id: 1, params: { db, login, password } }),
  });
  const { result } = (await answer.json()) as { result?: { uid?: number } };
  expect(result?.uid).toBeTypeOf('number');
}
