/** One suite over the workspace drivers: each that the server offers does all of it, each other one is refused. */
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Sale } from '../../../connector/billing/sale.ts';
import { type Crm, createCrm, type Partners, type Workspace } from '../../../connector/crm/crm.ts';
import { loadOdooMapping } from '../../../connector/crm/mapping.ts';
import type { StakeholderUser } from '../../../connector/crm/users.ts';
import { DRIVERS } from '../../../connector/crm/workspace/drivers.ts';
import { type DriverChoice, loadWorkspaceTree } from '../../../connector/crm/workspace-tree.ts';
import type { Database } from '../../../connector/db/database.ts';
import { createLog } from '../../../connector/log.ts';
import type { Odoo } from '../../../connector/odoo/odoo.ts';
import { openTestDatabase } from '../../support/database.ts';
import { openPreparedErp, type PreparedErp, unique } from './erp.ts';
import { SERVERS, SHAPES, type Shape } from './workspace-shapes.ts';

const REQUIRED = (process.env.CONTRACT_REQUIRE ?? '').split(',').filter(Boolean);
const CHOICES = ['documents', 'dms', 'attachments'] as const;

const pdf = (text: string): Uint8Array => Buffer.from(`%PDF-1.4\n${text}\n%%EOF\n`);
const tree = loadWorkspaceTree();

// Ids no other run on this server has used: external ids are made of them.
let id = randomInt(1_000, 2_000_000) * 1000;

describe.each(SERVERS)('workspaces on $odooVersion $odooModules', (server) => {
  let erp: PreparedErp;
  let db: Database;
  let salesperson: Odoo;
  const calls: string[] = [];

  beforeAll(async () => {
    erp = await openPreparedErp(server);
    db = await openTestDatabase();
    // Staff who work in an application for documents are its users.
    const groups = await Promise.all([
      erp.admin.xmlidToRes('sales_team', 'group_sale_salesman'),
      erp.admin.xmlidToRes('base', 'group_user'),
      erp.admin.xmlidToRes('documents', 'group_documents_user'),
    ]);
    const login = unique('sales');
    const [userId] = await erp.admin.call<number[]>('res.users', 'create', {
      vals_list: [
        {
          name: 'Contract Salesperson',
          login,
          password: login,
          [erp.facts.groupsField]: [[6, 0, groups.flatMap((group) => group?.id ?? [])]],
        },
      ],
      context: { no_reset_password: true },
    });
    erp.tidy('res.users', [userId!]);
    salesperson = erp.as(login, login, 'jsonrpc');
  }, 240_000);
  afterAll(() => db.close());

  const crmFor = (driver: DriverChoice): Crm =>
    createCrm({
      db,
      odoo: counted(erp.service, calls),
      log: createLog({ level: 'silent' }),
      now: () => new Date(),
      mapping: loadOdooMapping(),
      workspaceTree: { ...tree, driver },
      publicUrl: 'https://connect.example.com',
      erpUrl: erp.url,
    });

  /** Known by what is installed, not by what our own set-up has left. */
  const offered = async (choice: (typeof CHOICES)[number]): Promise<boolean> =>
    choice === 'attachments' || (await erp.admin.xmlidToRes(choice, `group_${choice}_user`)) !== null;

  interface Made {
    readonly sale: Sale;
    readonly crm: Crm;
    readonly partners: Partners;
    readonly users: readonly StakeholderUser[];
    readonly workspace: Workspace;
    readonly fileIds: readonly number[];
    readonly shape: Shape;
  }

  async function provision(driver: DriverChoice, people = 1): Promise<Made> {
    const sale = await newSale(db, people);
    const crm = crmFor(driver);
    const partners = await crm.ensurePartners(sale);
    erp.tidy('res.partner', [partners.companyId]);
    erp.tidy('res.partner', [...new Set([partners.mainContactId, ...Object.values(partners.contactIds)])]);
    const { users } = await crm.ensureUsers(sale, partners);
    erp.tidy(
      'res.users',
      users.flatMap(({ userId }) => (userId === null ? [] : [userId])),
    );
    calls.length = 0;
    const workspace = await crm.ensureWorkspace(sale, { ...partners, users });
    const { folderModel, fileModel } = DRIVERS[workspace.driver];
    erp.tidy(folderModel, [workspace.workspaceId]);
    erp.tidy(folderModel, workspace.folders.map((folder) => folder.id).reverse());
    const { fileIds } = await crm.fileDocuments(sale, {
      workspace,
      files: [
        { kind: 'bep', fileName: 'BEP.pdf', content: pdf('bep') },
        { kind: 'eir', fileName: 'EIR.pdf', content: pdf('eir') },
      ],
    });
    erp.tidy(fileModel, fileIds);
    return { sale, crm, partners, users, workspace, fileIds, shape: SHAPES[workspace.driver] };
  }

  /** A stakeholder's own port. */
  async function stakeholder(made: Made, at = 0): Promise<Odoo> {
    const user = made.users[at]!;
    const password = unique('secret');
    await erp.admin.call('res.users', 'write', { ids: [user.userId!], vals: { password } });
    return erp.as(user.login, password, 'jsonrpc');
  }

  const read = <T>(odoo: Odoo, model: string, ids: readonly number[], fields: readonly string[]) =>
    odoo.call<T[]>(model, 'read', { ids, fields });

  test.each(REQUIRED)('%s is there, as --require asked', async (name) => {
    expect(await offered(name as (typeof CHOICES)[number])).toBe(true);
  });

  test('auto takes Documents before dms before attachments', async () => {
    const { workspace } = await provision('auto');
    const [documents, dms] = [await offered('documents'), await offered('dms')];
    const expected = documents
      ? erp.facts.major >= 18
        ? 'documents'
        : 'documents_17'
      : dms
        ? 'dms'
        : 'attachments';
    expect(workspace.driver).toBe(expected);
  });

  test('attachments: a salesperson sees every folder and both documents on the workspace’s own page', async () => {
    const { workspace, fileIds } = await provision('attachments');
    const page = (id: number) =>
      read<{ x_folder_ids: number[]; x_file_ids: number[] }>(
        salesperson,
        'x_cde_folder',
        [id],
        ['x_folder_ids', 'x_file_ids'],
      );
    const [root] = await page(workspace.workspaceId);
    const ascending = (ids: readonly number[]) => [...ids].sort((a, b) => a - b);
    expect(ascending(root!.x_folder_ids)).toEqual(ascending(workspace.folders.map(({ id }) => id)));
    expect(ascending(root!.x_file_ids)).toEqual(ascending(fileIds));
    const bep = workspace.folders.find(({ path }) => path === tree.documents.bep)!;
    expect((await page(bep.id))[0]!.x_file_ids).toContain(fileIds[0]);
  });

  test('a project keeps its driver, whatever the mapping says later', async () => {
    const made = await provision('attachments');
    const again = await crmFor('auto').ensureWorkspace(made.sale, { ...made.partners, users: made.users });
    expect(again).toEqual(made.workspace);
  });

  test.each(CHOICES)('%s: tree, documents, members, page', async (choice) => {
    if (!(await offered(choice))) {
      await expect(provision(choice)).rejects.toMatchObject({ code: 'workspace_driver_absent' });
      return;
    }
    const made = await provision(choice);
    const { sale, crm, workspace, fileIds, shape } = made;
    const driver = DRIVERS[workspace.driver];
    // All trips of workspace and documents together.
    expect(calls.length).toBeLessThanOrEqual(6);

    type Folder = { id: number } & Record<string, unknown>;
    const root = (
      await read<Folder>(erp.admin, driver.folderModel, [workspace.workspaceId], [shape.name])
    )[0]!;
    expect(root[shape.name]).toContain('T-1 Tower');
    const folders = await read<Folder>(
      erp.admin,
      driver.folderModel,
      workspace.folders.map((folder) => folder.id),
      [shape.name, shape.parent],
    );
    const byId = new Map(folders.map((folder) => [folder.id, folder]));
    const pathOf = (folder: Folder): string => {
      const [parent] = folder[shape.parent] as [number, string];
      const own = String(folder[shape.name]);
      return parent === workspace.workspaceId ? own : `${pathOf(byId.get(parent)!)}/${own}`;
    };
    expect(folders.map(pathOf).sort()).toEqual(workspace.folders.map(({ path }) => path).sort());

    const [bep] = await read<Record<string, unknown>>(
      erp.admin,
      driver.fileModel,
      [fileIds[0]!],
      ['name', shape.content, shape.fileIn],
    );
    const folderId = workspace.folders.find(({ path }) => path === tree.documents.bep)!.id;
    expect(bep).toMatchObject({ name: 'BEP.pdf' });
    expect(String(bep![shape.content]).replaceAll('\n', '')).toBe(Buffer.from(pdf('bep')).toString('base64'));
    expect([bep![shape.fileIn]].flat()[0]).toBe(folderId);

    expect(workspace.url.startsWith(erp.url)).toBe(true);
    expect((await fetch(workspace.url, { redirect: 'manual' })).status).toBeLessThan(400);

    calls.length = 0;
    expect(await crm.ensureWorkspace(sale, { ...made.partners, users: made.users })).toEqual(workspace);
    const files = { workspace, files: [{ kind: 'bep' as const, fileName: 'BEP.pdf', content: pdf('bep') }] };
    expect(await crm.fileDocuments(sale, files)).toEqual({ fileIds: [fileIds[0]] });
    expect(calls.filter((call) => /\.(load|write|create|action_\w+)$/.test(call))).toEqual([]);
  });

  test.each(CHOICES)('%s: answers that were lost are found again, nothing is there twice', async (choice) => {
    if (!(await offered(choice))) return expect(await absent(choice)).toBe(true);
    const made = await provision(choice);
    await db.query('update erp_records set res_id = null, values_hash = null where model <> $1', [
      'res.partner',
    ]);
    const workspace = await made.crm.ensureWorkspace(made.sale, { ...made.partners, users: made.users });
    expect(workspace).toEqual(made.workspace);
    const { fileIds } = await made.crm.fileDocuments(made.sale, {
      workspace,
      files: [
        { kind: 'bep', fileName: 'BEP.pdf', content: pdf('second edition') },
        { kind: 'eir', fileName: 'EIR.pdf', content: pdf('eir') },
      ],
    });
    expect(fileIds).toEqual(made.fileIds);
    const { fileModel } = DRIVERS[workspace.driver];
    const [bep] = await read<Record<string, unknown>>(
      erp.admin,
      fileModel,
      [fileIds[0]!],
      [made.shape.content],
    );
    expect(String(bep![made.shape.content]).replaceAll('\n', '')).toBe(
      Buffer.from(pdf('second edition')).toString('base64'),
    );
  });

  test.each(CHOICES)(
    '%s: stakeholders see their own project’s or nothing, salespeople all',
    async (choice) => {
      if (!(await offered(choice))) return expect(await absent(choice)).toBe(true);
      const mine = await provision(choice, 2);
      const other = await provision(choice);
      const { folderModel, fileModel } = DRIVERS[mine.workspace.driver];
      const foldersOf = ({ workspace }: Made) => [
        workspace.workspaceId,
        ...workspace.folders.map((folder) => folder.id),
      ];
      const sees = async (odoo: Odoo, model: string, ids: readonly number[]) => {
        try {
          return (await odoo.call<number[]>(model, 'search', { domain: [['id', 'in', ids]] })).length;
        } catch {
          return 0;
        }
      };
      for (const at of [0, 1]) {
        const person = await stakeholder(mine, at);
        const all = mine.shape.members;
        expect(await sees(person, folderModel, foldersOf(mine))).toBe(all ? foldersOf(mine).length : 0);
        expect(await sees(person, fileModel, mine.fileIds)).toBe(all ? 2 : 0);
        expect(await sees(person, folderModel, foldersOf(other))).toBe(0);
        expect(await sees(person, fileModel, other.fileIds)).toBe(0);
        await expect(
          person.call(fileModel, 'write', { ids: [mine.fileIds[0]!], vals: { name: 'x.pdf' } }),
        ).rejects.toThrow();
      }
      for (const made of [mine, other]) {
        expect(await sees(salesperson, folderModel, foldersOf(made))).toBe(foldersOf(made).length);
        expect(await sees(salesperson, fileModel, made.fileIds)).toBe(2);
      }
      // The running key makes and fills workspaces; it deletes none. In Documents an owner may.
      if (mine.shape.undeletable)
        await expect(
          erp.service.call(folderModel, 'unlink', { ids: [mine.workspace.workspaceId] }),
        ).rejects.toThrow();
    },
  );

  test.each(CHOICES)('%s: who accepts later comes in later', async (choice) => {
    if (!(await offered(choice))) return expect(await absent(choice)).toBe(true);
    const made = await provision(choice, 2);
    const { folderModel } = DRIVERS[made.workspace.driver];
    const late = await newSale(db, 1);
    const lateMade = { ...late, project: made.sale.project, stakeholders: late.stakeholders };
    const partners = await made.crm.ensurePartners(late);
    erp.tidy('res.partner', [partners.companyId, ...Object.values(partners.contactIds)]);
    const { users } = await made.crm.ensureUsers(late, partners);
    erp.tidy('res.users', [users[0]!.userId!]);
    const person = await stakeholder({ ...made, users });
    const sees = () =>
      person
        .call<number[]>(folderModel, 'search', { domain: [['id', '=', made.workspace.workspaceId]] })
        .catch(() => []);
    expect(await sees()).toEqual([]);
    await made.crm.ensureWorkspace(lateMade, { ...made.partners, contactIds: partners.contactIds, users });
    expect(await sees()).toEqual(made.shape.members ? [made.workspace.workspaceId] : []);
  });

  test.each(CHOICES)(
    '%s: closed, no member sees it; staff do, and a return lets members in',
    async (choice) => {
      if (!(await offered(choice))) return expect(await absent(choice)).toBe(true);
      const made = await provision(choice, 2);
      const { folderModel } = DRIVERS[made.workspace.driver];
      const ids = [made.workspace.workspaceId, ...made.workspace.folders.map((folder) => folder.id)];
      const seen = async (odoo: Odoo) =>
        odoo.call<number[]>(folderModel, 'search', { domain: [['id', 'in', ids]] }).then(
          (found) => found.length,
          () => 0,
        );
      const people = [await stakeholder(made, 0), await stakeholder(made, 1)];
      const all = made.shape.members ? ids.length : 0;
      for (const person of people) expect(await seen(person)).toBe(all);
      // Said twice, as a step is that was cut off.
      for (let time = 0; time < 2; time += 1)
        expect(await made.crm.closeWorkspace({ projectId: made.sale.project.id })).toEqual({
          closed: made.shape.members,
        });
      for (const person of people) expect(await seen(person)).toBe(0);
      expect(await seen(salesperson)).toBe(ids.length);
      // Somebody has left meanwhile: only the other comes in again.
      const [staying, leaving] = made.sale.stakeholders;
      await made.crm.ensureWorkspace(
        { ...made.sale, stakeholders: [staying!] },
        { ...made.partners, users: made.users.filter(({ stakeholderId }) => stakeholderId !== leaving!.id) },
      );
      expect([await seen(people[0]!), await seen(people[1]!)]).toEqual([all, 0]);
      await made.crm.ensureWorkspace(made.sale, { ...made.partners, users: made.users });
      expect(await seen(people[1]!)).toBe(all);
      await made.crm.ensureWorkspace(
        { ...made.sale, stakeholders: [staying!] },
        { ...made.partners, users: made.users.filter(({ stakeholderId }) => stakeholderId !== leaving!.id) },
      );
      expect([await seen(people[0]!), await seen(people[1]!)]).toEqual([all, 0]);
    },
  );

  /** The refusal is the whole contract of a driver that is not there. */
  const absent = async (choice: DriverChoice): Promise<boolean> =>
    provision(choice).then(
      () => false,
      (thrown: { code?: string }) => thrown.code === 'workspace_driver_absent',
    );
});

function counted(odoo: Odoo, calls: string[]): Odoo {
  const note = <T>(name: string, work: Promise<T>): Promise<T> => {
    calls.push(name);
    return work;
  };
  return {
    ...odoo,
    call: (model, method, args) => note(`${model}.${method}`, odoo.call(model, method, args)),
    load: (model, fields, rows, options) => note(`${model}.load`, odoo.load(model, fields, rows, options)),
    xmlidToRes: (module, name) => note(`ref ${name}`, odoo.xmlidToRes(module, name)),
  };
}

async function newSale(db: Database, people: number): Promise<Sale> {
  id += 10;
  const tag = unique('org');
  await db.query(
    `insert into organisations (id, provider_customer_id, name, country, contact_name, contact_email)
     overriding system value values ($1, $2, $3, 'GB', 'Ada', $4)`,
    [id, `cus_${tag}`, tag, `ada@${tag}.example.com`],
  );
  await db.query(
    'insert into projects (id, organisation_id, name, code) overriding system value values ($1, $1, $2, $3)',
    // One name for all: two projects may well have the same.
    [id, 'Tower / East', 'T-1'],
  );
  const stakeholders = Array.from({ length: people }, (_, at) => ({
    id: id + at,
    name: `Person ${at}`,
    email: `p${at}@${tag}.example.com`,
    role: 'information_manager' as const,
  }));
  return {
    orderId: id,
    organisation: {
      id,
      providerCustomerId: `cus_${tag}`,
      name: tag,
      country: 'GB',
      vatId: null,
      contactName: 'Ada',
      contactEmail: `ada@${tag}.example.com`,
      locale: 'en',
      looksLikeDuplicateOf: null,
    },
    project: { id, organisationId: id, name: 'Tower / East', code: 'T-1', description: '', client: '' },
    stakeholders,
    planKey: 'starter',
    planName: 'Starter',
    subscription: {} as Sale['subscription'],
    firstInvoice: { amountPaid: 0, currency: 'usd' } as Sale['firstInvoice'],
  };
}
