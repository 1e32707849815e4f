/** What becomes of users and workspace when a customer leaves and comes back, by the guarded actions. */
import { beforeAll, describe, expect, test } from 'vitest';
import { createRunAction, type RunAction } from '../../../connector/crm/actions.ts';
import { changePortalAccess } from '../../../connector/crm/portal-access.ts';
import type { RemovedWorkspace } from '../../../connector/crm/remove-workspace.ts';
import { setPasswordUrl } from '../../../connector/crm/set-password.ts';
import { openPreparedErp, type PreparedErp, unique } from './erp.ts';

let erp: PreparedErp;
let runAction: RunAction;
beforeAll(async () => {
  erp = await openPreparedErp();
  runAction = createRunAction(erp.service);
}, 180_000);

async function contact(email: string): Promise<number> {
  const ids = await erp.service.call<number[]>('res.partner', 'create', {
    vals_list: [{ name: unique('contact'), email }],
  });
  erp.tidy('res.partner', ids);
  return ids[0]!;
}

async function member(): Promise<{ partnerId: number; userId: number; login: string }> {
  const partnerId = await contact(`${unique('member')}@example.com`);
  const { users } = await runAction<{ users: { user_id: number; login: string }[] }>('portal_users', {
    ids: [partnerId],
  });
  erp.tidy('res.users', [users[0]!.user_id]);
  return { partnerId, userId: users[0]!.user_id, login: users[0]!.login };
}

const readUser = async (id: number) => {
  const [row] = await erp.admin.call<{ login: string; active: boolean }[]>('res.users', 'read', {
    ids: [id],
    fields: ['login', 'active'],
  });
  return { login: row!.login, active: row!.active };
};

describe('portal access', () => {
  test('is taken away and given back; each may be said twice', async () => {
    const { partnerId, userId, login } = await member();
    for (let time = 0; time < 2; time += 1) {
      const [gone] = await changePortalAccess(runAction, { partnerIds: [partnerId], change: 'archive' });
      expect(gone).toEqual({ partnerId, userId, outcome: 'archived', reason: null });
      expect(await readUser(userId)).toEqual({ login, active: false });
    }
    await expect(setPasswordUrl(runAction, { partnerId })).rejects.toMatchObject({
      code: 'erp_user_inactive',
    });
    const [back] = await changePortalAccess(runAction, { partnerIds: [partnerId], change: 'restore' });
    expect(back).toMatchObject({ outcome: 'restored' });
    expect(await readUser(userId)).toEqual({ login, active: true });
    const [again] = await changePortalAccess(runAction, { partnerIds: [partnerId], change: 'restore' });
    expect(again).toMatchObject({ outcome: 'active' });
    const { users } = await runAction<{ users: { outcome: string }[] }>('portal_users', { ids: [partnerId] });
    expect(users[0]).toMatchObject({ outcome: 'already_ours', user_id: userId });
  });

  test('somebody staff archived is not brought back', async () => {
    const { partnerId, userId } = await member();
    await erp.admin.call('res.users', 'write', { ids: [userId], vals: { active: false } });
    for (const change of ['archive', 'restore'] as const) {
      const [answer] = await changePortalAccess(runAction, { partnerIds: [partnerId], change });
      expect(answer).toMatchObject({ outcome: 'left_alone', reason: 'archived_by_staff' });
    }
    expect((await readUser(userId)).active).toBe(false);
  });

  test('an administrator, an internal user and somebody else’s portal user are left alone', async () => {
    const admin = await erp.admin.xmlidToRes('base', 'user_admin');
    const portal = await erp.admin.xmlidToRes('base', 'group_portal');
    const made = await erp.admin.call<number[]>('res.users', 'create', {
      vals_list: [
        { name: unique('internal'), login: `${unique('internal')}@example.com` },
        {
          name: unique('foreign'),
          login: `${unique('foreign')}@example.com`,
          [erp.facts.groupsField]: [[6, 0, [portal!.id]]],
        },
      ],
      context: { no_reset_password: true },
    });
    erp.tidy('res.users', made);
    const ids = [admin!.id, ...made];
    const rows = await erp.admin.call<{ partner_id: [number, string] }[]>('res.users', 'read', {
      ids,
      fields: ['partner_id'],
    });
    const partnerIds = rows.map((row) => row.partner_id[0]);
    for (const change of ['archive', 'erase'] as const) {
      const answers = await changePortalAccess(runAction, { partnerIds, change });
      expect(answers.map(({ outcome, reason }) => [outcome, reason])).toEqual(
        partnerIds.map(() => ['left_alone', 'not_ours']),
      );
    }
    for (const id of ids) expect((await readUser(id)).active).toBe(true);
  });

  test('one made internal since is staff’s', async () => {
    const { partnerId, userId } = await member();
    const internal = await erp.admin.xmlidToRes('base', 'group_user');
    await erp.admin.call('res.users', 'write', {
      ids: [userId],
      vals: { [erp.facts.groupsField]: [[6, 0, [internal!.id]]] },
    });
    const [answer] = await changePortalAccess(runAction, { partnerIds: [partnerId], change: 'archive' });
    expect(answer).toMatchObject({ outcome: 'left_alone', reason: 'not_ours' });
    expect((await readUser(userId)).active).toBe(true);
  });

  test('erased: archived, and no address left in the login', async () => {
    const { partnerId, userId } = await member();
    for (let time = 0; time < 2; time += 1) {
      const [answer] = await changePortalAccess(runAction, { partnerIds: [partnerId], change: 'erase' });
      expect(answer).toMatchObject({ outcome: 'erased' });
      expect(await readUser(userId)).toEqual({ login: `erased-${userId}@erased.invalid`, active: false });
    }
  });
});

describe('a workspace', () => {
  const PROJECT = 900_000_000 + Math.floor(Math.random() * 90_000_000);

  test('goes with everything in it, and nothing beside it', async () => {
    const create = async (model: string, vals: Record<string, unknown>) => {
      const [id] = await erp.service.call<number[]>(model, 'create', { vals_list: [vals] });
      return id!;
    };
    const root = await create('x_cde_folder', { x_name: 'To go' });
    // The service's user names records by load alone.
    await erp.admin.call('ir.model.data', 'create', {
      vals_list: [
        {
          module: 'stripe_connector',
          name: `project_${PROJECT}_workspace`,
          model: 'x_cde_folder',
          res_id: root,
        },
      ],
    });
    const child = await create('x_cde_folder', { x_name: 'child', x_parent_id: root });
    const grandchild = await create('x_cde_folder', { x_name: 'made by staff', x_parent_id: child });
    const other = await create('x_cde_folder', { x_name: 'of another project' });
    erp.tidy('x_cde_folder', [other]);
    const attach = (folder: number) =>
      create('ir.attachment', { name: 'a.txt', res_model: 'x_cde_folder', res_id: folder, raw: 'x' });
    const files = [await attach(child), await attach(grandchild)];
    const kept = await attach(other);
    const remove = (dry_run: boolean) =>
      runAction<RemovedWorkspace>('remove_workspace', { values: { project_id: PROJECT, dry_run } });
    expect(await remove(true)).toEqual({ found: true, folders: 3, files: 2 });
    expect(await count('x_cde_folder', [root, child, grandchild])).toBe(3);
    expect(await remove(false)).toEqual({ found: true, folders: 3, files: 2 });
    expect(await count('x_cde_folder', [root, child, grandchild, other])).toBe(1);
    expect(await count('ir.attachment', [...files, kept])).toBe(1);
    expect(await remove(false)).toEqual({ found: false, folders: 0, files: 0 });
  });

  const count = (model: string, ids: readonly number[]) =>
    erp.admin.call<number>(model, 'search_count', { domain: [['id', 'in', ids]] });
});
