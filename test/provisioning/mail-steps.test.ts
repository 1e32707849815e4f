/** The mails of a run where something is not there: a day, a key, a plan, a contact; and the story in the chatter. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConnectorError } from '../../connector/errors.ts';
import type { StepResults } from '../../connector/provisioning/results.ts';
import { storyOf } from '../../connector/provisioning/steps/note.ts';
import { sampleSale } from '../support/sample-sale.ts';
import { type SeededSale, seedRun, seedSale } from '../support/seed.ts';
import { openSteps, type Steps } from '../support/steps.ts';

const DAY = 86_400_000;
let steps: Steps;
let sale: SeededSale;
let contact: string;
let runId: string;

beforeAll(async () => {
  steps = await openSteps();
});
afterAll(() => steps?.db.close());
beforeEach(async () => {
  sale = await seedSale(steps.db);
  contact = await contactOf(sale);
  runId = await seedRun(steps.db, sale.subscriptionId);
});

async function contactOf({ organisationId }: SeededSale): Promise<string> {
  const { rows } = await steps.db.query<{ email: string }>(
    'select contact_email as email from organisations where id = $1',
    [organisationId],
  );
  return rows[0]!.email;
}
async function due(stage: string, days: number): Promise<string> {
  const at = new Date(steps.world.clock.now().getTime() + days * DAY);
  await steps.db.query('insert into lifecycle_stages (subscription_id, stage, due_at) values ($1, $2, $3)', [
    sale.subscriptionId,
    stage,
    at,
  ]);
  return inWords(at);
}
const inWords = (at: Date) =>
  at.toLocaleDateString('en-US', { month: 'long', day: 'numeric', year: 'numeric', timeZone: 'UTC' });
const daysAhead = (days: number) => inWords(new Date(steps.world.clock.now().getTime() + days * DAY));
const mailTo = async (address: string) => (await steps.world.systems.mail.to(address)).at(-1)!;

describe('after the end', () => {
  const readOnly = (keyId: string | null) =>
    steps.step('read_only_mail', {
      ...sale,
      runId,
      kind: 'deprovision',
      results: { storage_key_read_only: { keyId } },
    });

  it('the read-only mail names the days that hold, and a link to the key', async () => {
    const until = await due('archive_access', 30);
    const deletion = await due('delete_data', 90);
    await readOnly('key-1');
    const { text } = await mailTo(contact);
    expect(text).toContain(`until ${until}`);
    expect(text).toContain(`deleted on ${deletion}`);
    expect(text).toMatch(/read-only key: https:\/\/connect\.example\.com\/credentials\//);
  });

  it('names no day where the stages were called off, and no key where there is no storage', async () => {
    await readOnly(null);
    const { text } = await mailTo(contact);
    expect(text).toContain('the data can be read, and no longer changed');
    expect(text).not.toMatch(/deleted on|credentials/);
  });

  it('the mail at the end of access names no deletion that will not come', async () => {
    await steps.step('access_ends_mail', { ...sale, runId, kind: 'archive_access' });
    expect((await mailTo(contact)).text).not.toContain('kept until');
  });

  it.each([
    ['the day of the policy, where none is set', null, 14],
    ['no day sooner than the policy’s notice', 3, 14],
    ['a later day as it stands', 40, 40],
  ])('the deletion is announced for %s', async (_what, set, expected) => {
    if (set !== null) await due('delete_data', set);
    await steps.step('deletion_mail', { ...sale, runId, kind: 'announce_deletion' });
    expect((await mailTo(contact)).text).toContain(`will be deleted on ${daysAhead(expected)}`);
  });
});

const partner = { companyId: 1, mainContactId: 2, contactIds: {}, refused: [] };
const users = () => ({
  users: sale.stakeholderIds.map((stakeholderId) => ({
    stakeholderId,
    userId: 70 + stakeholderId,
    login: `user${stakeholderId}`,
    outcome: 'created' as const,
  })),
});
const bucket = { strategy: 'bucket', bucketId: 'b', bucketName: 'cde-1', prefix: '' } as const;

describe('the welcome', () => {
  const welcome = (results: Partial<StepResults> = {}) =>
    steps.step('welcome_mail', { ...sale, runId, results: { partner, users: users(), bucket, ...results } });

  it('of a plan nobody describes any more promises both documents', async () => {
    await steps.db.query("update subscriptions set plan_key = 'withdrawn' where id = $1", [
      sale.subscriptionId,
    ]);
    expect(await welcome()).toMatchObject({ attached: [] });
    const { text } = await mailTo(contact);
    expect(text).toMatch(/follow by separate mail/);
    expect(text).toMatch(/BIM execution plan[\s\S]*information requirements/i);
  });

  it('of a contact who is not on the project promises no password and no login', async () => {
    await welcome();
    const mail = await mailTo(contact);
    expect(mail.text).toMatch(
      /Open this page to see the storage key:\nhttps:\/\/connect\.example\.com\/credentials\//,
    );
    for (const part of [mail.text, mail.html]) {
      expect(part).not.toMatch(/password|Afterwards you log in/);
      expect(part).toContain('The people you named for the project get mails of their own');
    }
  });

  it('of a contact who is on the project and whose contact the ERP lost leads to the main contact’s user', async () => {
    await steps.db.query(
      'update organisations g set contact_email = upper(k.email) from stakeholders k where g.id = $1 and k.id = $2',
      [sale.organisationId, sale.stakeholderIds[0]],
    );
    await welcome();
    const { rows } = await steps.db.query<{ partner: number }>(
      'select partner_id as partner from links where fact = $1',
      [`run_${runId}_contact`],
    );
    expect(rows).toEqual([{ partner: 2 }]);
    const { text } = await mailTo((await contactOf(sale)).toLowerCase());
    expect(text).toContain('Open this page to set your password and to see the storage key:');
    expect(text).toContain('Afterwards you log in here:');
  });

  it('stops as a defect where a document’s content was dropped too early', async () => {
    await steps.db.query(
      "insert into documents (project_id, kind, file_name, sha256, size) values ($1, 'bep', 'a.pdf', '', 1)",
      [sale.projectId],
    );
    const made = { documentId: 1, fileName: 'a.pdf' };
    await expect(welcome({ bep: made, eir: made })).rejects.toMatchObject({
      kind: 'bug',
      code: 'document_content_missing',
    });
  });
});

it('a stakeholder whose contact the ERP lost is invited all the same', async () => {
  const { messageIds } = await steps.step('stakeholder_mails', {
    ...sale,
    runId,
    results: { partner, users: users() },
  });
  expect(messageIds).toHaveLength(2);
});

describe('credentials mailed themselves', () => {
  const inline = (code: string) => ({
    credentialsDelivery: 'inline' as const,
    crm: {
      ...steps.deps.crm,
      setPasswordUrl: async () => {
        throw new ConnectorError({ kind: 'conflict', code, message: 'no link' });
      },
    },
  });
  const named = () => ({
    ...partner,
    contactIds: Object.fromEntries(sale.stakeholderIds.map((id) => [id, 100 + id])),
  });
  const mails = (code: string) =>
    steps.step('stakeholder_mails', {
      ...sale,
      runId,
      results: { partner: named(), users: users() },
      with: inline(code),
    });

  it('stop nobody’s second project: who has a password already gets the page’s link', async () => {
    expect((await mails('erp_user_already_logged_in')).messageIds).toHaveLength(2);
    const { rows } = await steps.db.query<{ email: string }>('select email from stakeholders where id = $1', [
      sale.stakeholderIds[0],
    ]);
    expect((await mailTo(rows[0]!.email)).text).toMatch(/https:\/\/connect\.example\.com\/credentials\//);
  });

  it('the contact’s too: the key stands in the mail, a link to a password does not', async () => {
    await steps.db.query(
      'update organisations g set contact_email = k.email from stakeholders k where g.id = $1 and k.id = $2',
      [sale.organisationId, sale.stakeholderIds[0]],
    );
    await steps.db.query("update runs set status = 'running' where id = $1", [runId]);
    const storage_key = await steps.step('storage_key', {
      ...sale,
      runId,
      results: { bucket: await steps.step('bucket', sale) },
    });
    await steps.step('welcome_mail', {
      ...sale,
      runId,
      results: { partner: named(), users: users(), bucket, storage_key },
      with: inline('erp_user_already_logged_in'),
    });
    const { text } = await mailTo(await contactOf(sale));
    expect(text).toContain(`Storage key id: ${storage_key.keyId}`);
    expect(text).not.toContain('Set your password');
  });

  it('any other refusal of the ERP stops the step', async () => {
    await expect(mails('erp_user_inactive')).rejects.toMatchObject({ code: 'erp_user_inactive' });
  });
});

it('a document the plan does not include is not asked of the engine', async () => {
  const { catalogue } = steps.deps;
  const plans = catalogue.plans.map((plan) => ({
    ...plan,
    provisioning: { ...plan.provisioning, documents: ['bep'] as const },
  }));
  const eir = await steps.step('eir', { ...sale, with: { catalogue: { ...catalogue, plans } } });
  expect(eir).toEqual({ documentId: null, fileName: null });
  expect(steps.world.systems.bep.documents()).toEqual([]);
});

it('a step that asks for what its plan does not give it is a defect', async () => {
  await expect(steps.step('limits_shown', { ...sale, kind: 'change_plan' })).rejects.toMatchObject({
    kind: 'bug',
    code: 'step_result_missing',
    message: expect.stringContaining('"limits"'),
  });
});

describe('the story in the chatter', () => {
  const results: Partial<StepResults> = {
    partner: { ...partner, refused: [{ field: 'vat', reason: 'not valid' }] },
    users: { users: [] },
    workspace: { workspaceId: 1, driver: 'folders' as never, url: '', folders: [] },
    bucket: { ...bucket, strategy: 'prefix', prefix: 'project-9/' },
    opportunity: { opportunityId: 1, won: true, amountLeftOut: true },
  };
  const story = (change: object) =>
    storyOf({
      runId,
      sale: { ...sampleSale(), ...change },
      result: (name) => results[name] as never,
      optional: (name) => results[name],
    });

  it('names the invoice by its id where Stripe gave it no number, and an interval that is the company’s own', () => {
    const base = sampleSale();
    const text = story({
      subscription: { ...base.subscription, billingInterval: null },
      firstInvoice: { ...base.firstInvoice, number: null },
      organisation: { ...base.organisation, looksLikeDuplicateOf: 4 },
    });
    expect(text).toContain('Plan: Starter (custom)');
    expect(text).toContain('invoice in_1');
    expect(text).toContain('looks like one you already have');
    expect(text).toContain('Storage: cde-1/project-9/');
    expect(text).toContain('no rate for USD');
    expect(text).toContain('Left out: vat (not valid)');
  });
});
