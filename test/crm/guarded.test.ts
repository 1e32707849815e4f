import { beforeAll, expect, test } from 'vitest';
import type { Sale } from '../../connector/billing/sale.ts';
import { createRunAction, type RunAction } from '../../connector/crm/actions.ts';
import type { CrmDeps } from '../../connector/crm/deps.ts';
import { identify, salesManager } from '../../connector/crm/identify.ts';
import { setPasswordUrl } from '../../connector/crm/set-password.ts';
import { ensureUsers } from '../../connector/crm/users.ts';
import { createLog } from '../../connector/log.ts';
import { createOdoo } from '../../connector/odoo/odoo.ts';
import { json, type Scripted, startScripted } from '../odoo/scripted.ts';

let server: Scripted;
beforeAll(async () => {
  server = await startScripted();
});

const action = (infos: unknown) => json({ type: 'ir.actions.act_window_close', infos });
const found = json(['ir.actions.actions', 5]);

const port = () =>
  createOdoo({
    url: server.url,
    db: 'd',
    username: 'u',
    apiKey: 'key',
    transport: 'json2',
    log: createLog({ level: 'silent' }),
  });
const runAction = (): RunAction => createRunAction(port());

test('an action that answers nothing, or is gone, tells to run setup erp; its id is looked up anew', async () => {
  const run = runAction();
  server.answer(found, json(false));
  await expect(run('identify', {})).rejects.toMatchObject({ code: 'erp_not_set_up' });
  server.answer(found, json({ name: 'odoo.exceptions.MissingError', message: 'gone' }, 404));
  await expect(run('identify', {})).rejects.toMatchObject({ code: 'erp_not_set_up' });
  server.answer(found, action({ sales_manager_id: false }));
  expect(await salesManager(run)).toBeUndefined();
  server.answer(json({ name: 'odoo.exceptions.AccessError', message: 'no' }, 403));
  await expect(run('identify', {})).rejects.toMatchObject({ code: 'odoo_access' });
});

test('an ERP that says less than today’s set-up makes it say', async () => {
  const run = runAction();
  const deps = { odoo: port() } as unknown as CrmDeps;
  const said = action({ database_uuid: 'u', installation: false, sales_manager_id: false });
  server.answer(found, said);
  await expect(identify(deps, run, 'mine')).rejects.toThrow('bound to installation unknown');
  server.answer(said, json({ result: { server_version: '19.0' } }));
  expect(await identify(deps, run, null)).toEqual({ databaseUuid: 'u', version: '19.0', highestNumber: 0 });
});

test('more people than fit one call; one whose contact is gone', async () => {
  const sale = {
    stakeholders: Array.from({ length: 150 }, (_, index) => ({
      id: index + 1,
      name: 'x',
      email: `p${index}@example.com`,
    })),
  } as unknown as Sale;
  const contactIds = Object.fromEntries(sale.stakeholders.map(({ id }) => [id, 1000 + id]));
  const answered: number[] = [];
  server.answer(found, (request, response) => {
    const { context } = JSON.parse(request.body) as { context: { active_ids: number[] } };
    answered.push(context.active_ids.length);
    const users = context.active_ids
      .filter((partner_id) => partner_id !== 1150)
      .map((partner_id) => ({
        partner_id,
        user_id: partner_id + 1,
        login: 'l',
        outcome: 'created',
        reason: false,
      }));
    action({ users })(request, response);
  });
  const { users } = await ensureUsers(runAction(), sale, { contactIds, companyId: 1 });
  expect(answered).toEqual([100, 50]);
  expect(users[0]).toEqual({ stakeholderId: 1, userId: 1002, login: 'l', outcome: 'created' });
  expect(users[149]).toMatchObject({ userId: null, outcome: 'needs_staff', reason: 'contact_gone' });
});

test('a set-password link nobody answered for', async () => {
  server.answer(found, action({ links: [] }));
  await expect(setPasswordUrl(runAction(), { partnerId: 1 })).rejects.toMatchObject({
    code: 'erp_user_not_ours',
  });
});
