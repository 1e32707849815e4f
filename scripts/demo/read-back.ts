/** Reads what came to be from the outside systems themselves; our own database only says where to look. */

import type { StakeholderUser } from '../../connector/crm/users.ts';
import { DRIVERS } from '../../connector/crm/workspace/drivers.ts';
import type { Log } from '../../connector/log.ts';
import { createOdoo, type Odoo } from '../../connector/odoo/odoo.ts';
import type { StepResults } from '../../connector/provisioning/results.ts';
import type { RunDetails } from '../../connector/provisioning/runs.ts';
import type { World } from '../sandbox/world.ts';
import type { Replaceable } from './options.ts';
import { readStorage, type StorageOutcome } from './read-storage.ts';

export interface Outcome {
  readonly erp: {
    readonly partnerId: number;
    readonly opportunity: { id: number; stage: string; probability: number; won: boolean };
    readonly workspaceId: number;
    readonly driver: string;
    readonly folders: readonly string[];
    /** Names of the files in them. */
    readonly documents: readonly string[];
    readonly userIds: readonly number[];
    readonly subscription: { id: number; status: string; tier: string };
  };
  readonly storage: StorageOutcome;
  readonly mail: readonly { to: string; subject: string; attachments: readonly string[] }[];
  /** What could not be read back: a real mail server shows nobody's inbox. Left out when all was. */
  readonly notReadBack?: readonly ['mail'];
}

type Env = Readonly<Record<string, string>>;

export async function readBack(input: {
  run: RunDetails;
  env: Env;
  world: World;
  log: Log;
  use: readonly Replaceable[];
}): Promise<Outcome> {
  const result = <Name extends keyof StepResults>(name: Name): StepResults[Name] =>
    input.run.steps.find((step) => step.name === name)?.result as StepResults[Name];
  const { env, log } = input;
  const odoo = createOdoo({
    url: env.ODOO_URL!,
    db: env.ODOO_DB!,
    username: env.ODOO_USERNAME!,
    apiKey: env.ODOO_API_KEY!,
    transport: (env.ODOO_TRANSPORT ?? 'auto') as 'auto',
    log,
  });
  const realMail = input.use.includes('smtp');
  const deliveries = realMail ? [] : await input.world.systems.mail.deliveries();
  return {
    erp: await readErp(odoo, result),
    storage: await readStorage(env, {
      bucketId: result('bucket').bucketId,
      prefix: result('bucket').prefix,
      keyId: result('storage_key').keyId,
    }),
    mail: deliveries.map((mail) => ({
      to: mail.to.join(', '),
      subject: mail.subject,
      attachments: mail.attachments.map((file) => file.fileName),
    })),
    ...(realMail && { notReadBack: ['mail'] as const }),
  };
}

type Results = <Name extends keyof StepResults>(name: Name) => StepResults[Name];

async function readErp(odoo: Odoo, result: Results): Promise<Outcome['erp']> {
  const read = async <T>(model: string, id: number, fields: readonly string[]): Promise<T & { id: number }> =>
    (await odoo.call<(T & { id: number })[]>(model, 'read', { ids: [id], fields }))[0]!;
  const partner = await read<{ name: string }>('res.partner', result('partner').companyId, ['name']);
  const lead = await read<{ stage_id: [number, string]; probability: number }>(
    'crm.lead',
    result('opportunity').opportunityId,
    ['stage_id', 'probability'],
  );
  const stage = await read<{ name: string; is_won: boolean }>('crm.stage', lead.stage_id[0], [
    'name',
    'is_won',
  ]);
  const { driver, workspaceId, folders } = result('workspace');
  const { folderModel, fileModel } = DRIVERS[driver];
  const workspace = await read(folderModel, workspaceId, ['display_name']);
  const alive = new Set(
    await odoo.call<number[]>(folderModel, 'search', {
      domain: [['id', 'in', folders.map((folder) => folder.id)]],
    }),
  );
  const files = await odoo.call<{ name: string }[]>(fileModel, 'search_read', {
    domain: [['id', 'in', result('documents_in_workspace').fileIds]],
    fields: ['name'],
    order: 'name',
  });
  const users = await odoo.call<{ id: number }[]>('res.users', 'search_read', {
    domain: [
      [
        'id',
        'in',
        result('users')
          .users.filter(isOurs)
          .map((user) => user.userId),
      ],
    ],
    fields: ['login'],
    order: 'id',
  });
  const record = await read<{ x_status: string; x_plan: string }>(
    'x_stripe_subscription',
    result('subscription_record').recordId,
    ['x_status', 'x_plan'],
  );
  return {
    partnerId: partner.id,
    opportunity: { id: lead.id, stage: stage.name, probability: lead.probability, won: stage.is_won },
    workspaceId: workspace.id,
    driver,
    folders: folders.flatMap(({ id, path }) => (alive.has(id) ? [path] : [])).sort(),
    documents: files.map(({ name }) => name),
    userIds: users.map((user) => user.id),
    subscription: { id: record.id, status: record.x_status, tier: record.x_plan },
  };
}

/** Somebody's own account with a stakeholder's address is left alone, and is not ours to count. */
const isOurs = ({ outcome }: StakeholderUser): boolean => outcome === 'created' || outcome === 'already_ours';
