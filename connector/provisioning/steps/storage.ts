/** Bucket (or a prefix in a shared one), its restricted key, the documents in it. */
import { bucketName, chooseStrategy, keyName, sharedBucketName, sharedPrefix } from '../../b2/naming.ts';
import type { Sale } from '../../billing/sale.ts';
import { asConnectorError, ConnectorError } from '../../errors.ts';
import { stillRuns } from '../gate.ts';
import type { StepBody, StepDeps } from '../step.ts';
import { readDocuments } from './documents.ts';

export interface StorageRow {
  readonly strategy: 'bucket' | 'prefix';
  /** null: not made yet. */
  readonly bucketId: string | null;
  readonly bucketName: string;
  readonly prefix: string;
  readonly keyName: string;
  readonly keyId: string | null;
  /** The live key reads only: suspended, or after the end. */
  readonly readOnly: boolean;
  /** Days its own bucket keeps old versions, 0: for ever; null: shared, or not made yet. */
  readonly lifecycleDays: number | null;
}

/** Somebody else may hold a bucket name already; names are global to all of Backblaze. */
const NAME_TRIES = 5;

export const bucket: StepBody<'bucket'> = async (deps, { sale }) => {
  let row = await decide(deps, sale);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const made = await deps.storage.ensureBucket({
        name: row.bucketName,
        lifecycleDays: lifecycleDays(deps, sale),
        corsOrigin: new URL(deps.publicUrl).origin,
      });
      // A bucket somebody deleted is made anew under another id: a key of the old one opens nothing.
      await deps.db.query(
        `update storages set bucket_id = $2, bucket_name = $3, lifecycle_days = coalesce(lifecycle_days, $4),
            key_id = case when bucket_id <> $2 then null else key_id end
          where project_id = $1`,
        [sale.project.id, made.id, made.name, row.strategy === 'bucket' ? lifecycleDays(deps, sale) : null],
      );
      return { strategy: row.strategy, bucketId: made.id, bucketName: made.name, prefix: row.prefix };
    } catch (error) {
      const { code } = asConnectorError(error);
      if (code === 'b2_bucket_name_taken' && attempt < NAME_TRIES)
        row = await write(deps, sale, row.strategy, attempt);
      // Between our count and our call the account filled up: share from here on.
      else if (code === 'b2_bucket_limit' && row.strategy === 'bucket')
        row = await write(deps, sale, 'prefix', 0);
      else throw error;
    }
  }
};

export const storageKey: StepBody<'storage_key'> = async (deps, { sale, runId, result }) => {
  const { bucketId } = result('bucket');
  const row = await read(deps, sale);
  // Somebody who returns before the key was taken away keeps it.
  if (row.keyId !== null && !row.readOnly) {
    const { keyId } = row;
    const live = await deps.storage.listKeys({ keyName: row.keyName });
    if (live.some((key) => key.keyId === keyId)) return { keyId };
  }
  return replaceKey(deps, { runId, projectId: sale.project.id, row, bucketId, readOnly: false });
};

/** Makes a key, stores it, and deletes the ones before it. A run that is void meanwhile stores nothing. */
export async function replaceKey(
  deps: StepDeps,
  input: { runId: string; projectId: number; row: StorageRow; bucketId: string; readOnly: boolean },
): Promise<{ keyId: string }> {
  const { projectId, row, bucketId, readOnly } = input;
  // Only keys seen before ours was made are strays: one that another owner of this run makes meanwhile is left to it.
  const strays = await deps.storage.listKeys({ keyName: row.keyName });
  const made = await deps.storage.createKey({
    keyName: row.keyName,
    bucketId,
    readOnly,
    ...(row.strategy === 'prefix' && { namePrefix: row.prefix }),
  });
  const owner = storageOwner(projectId);
  const sealed = deps.vault.seal(made.applicationKey, `${owner}/storage_key`);
  const stored = await deps.db.tx(async (tx) => {
    if (!(await stillRuns(tx, input.runId))) return false;
    await tx.query(
      "update secrets set revoked_at = now() where owner = $1 and name = 'storage_key' and revoked_at is null",
      [owner],
    );
    const secret = await tx.query<{ id: number }>(
      "insert into secrets (owner, name, sealed) values ($1, 'storage_key', $2) returning id",
      [owner, sealed],
    );
    await tx.query(
      'update storages set key_id = $2, secret_id = $3, key_read_only = $4 where project_id = $1',
      [projectId, made.keyId, secret.rows[0]!.id, readOnly],
    );
    return true;
  });
  if (!stored) {
    await deps.storage.deleteKeys([made.keyId]);
    throw overtaken();
  }
  // Last, so that a live key is stored at every moment, wherever this is cut off.
  await deps.storage.deleteKeys(strays.map((stray) => stray.keyId));
  return { keyId: made.keyId };
}

const overtaken = (): ConnectorError =>
  new ConnectorError({
    kind: 'conflict',
    code: 'run_overtaken',
    message: 'another run of this customer has made this one void: its storage key was deleted again',
    advice: 'Nothing to do.',
  });

export const documentsInStorage: StepBody<'documents_in_storage'> = async (deps, { sale, result }) => {
  const { bucketId, bucketName: name, prefix } = result('bucket');
  const files = await readDocuments(deps.db, sale);
  const uploaded = await Promise.all(
    files.map((file) =>
      deps.storage.upload({
        bucketId,
        bucketName: name,
        fileName: `${prefix}documents/${file.fileName}`,
        contentType: 'application/pdf',
        content: file.content,
      }),
    ),
  );
  return { files: uploaded.map((each) => each.fileName) };
};

/** A key may have been made whose answer was never read: all but the stored one go. */
export const keysChecked: StepBody<'keys_checked'> = async (deps, { sale }) => {
  const row = await read(deps, sale);
  const live = await deps.storage.listKeys({ keyName: row.keyName });
  if (!live.some((key) => key.keyId === row.keyId)) throw keyGone(sale.project.id);
  const strays = live.filter((key) => key.keyId !== row.keyId);
  await deps.storage.deleteKeys(strays.map((stray) => stray.keyId));
  return { strayKeys: strays.length };
};

const keyGone = (projectId: number): ConnectorError =>
  new ConnectorError({
    kind: 'permanent',
    code: 'storage_key_gone',
    system: 'b2',
    message: `the stored storage key of project ${projectId} is no longer live at Backblaze`,
    advice:
      'Somebody deleted it there. Retrying the run makes a new one; the customer sees it by a new link: "cli credentials reissue".',
  });

/** The owner of a project's secrets, as `secrets.owner` holds it. */
export function storageOwner(projectId: number): string {
  return `project_${projectId}`;
}

/** The strategy and name are stored before the first call, so that a repeat finds what it began. */
async function decide(deps: StepDeps, sale: Sale): Promise<StorageRow> {
  const known = await findStorage(deps, sale.project.id);
  if (known !== undefined) return known;
  const buckets = await deps.storage.listBuckets();
  return write(deps, sale, chooseStrategy(buckets.length), 0);
}

async function write(
  deps: StepDeps,
  sale: Sale,
  strategy: 'bucket' | 'prefix',
  attempt: number,
): Promise<StorageRow> {
  const projectId = sale.project.id;
  const names = { installation: deps.installation, projectId, projectCode: sale.project.code, attempt };
  await deps.db.query(
    `insert into storages (project_id, strategy, bucket_name, prefix, key_name) values ($1, $2, $3, $4, $5)
     on conflict (project_id) do update set strategy = excluded.strategy, bucket_name = excluded.bucket_name,
       prefix = excluded.prefix`,
    [
      projectId,
      strategy,
      strategy === 'bucket' ? bucketName(names) : sharedBucketName(names),
      strategy === 'bucket' ? '' : sharedPrefix(projectId),
      keyName({ installation: deps.installation, projectId }),
    ],
  );
  return read(deps, sale);
}

/** @returns undefined: the project has no storage, or none any more */
export async function findStorage(
  { db }: Pick<StepDeps, 'db'>,
  projectId: number,
): Promise<StorageRow | undefined> {
  const found = await db.query<StorageRow>(
    `select strategy, bucket_id as "bucketId", bucket_name as "bucketName", prefix, key_name as "keyName",
            key_id as "keyId", key_read_only as "readOnly", lifecycle_days as "lifecycleDays"
       from storages where project_id = $1`,
    [projectId],
  );
  return found.rows[0];
}

async function read(deps: StepDeps, sale: Sale): Promise<StorageRow> {
  const row = await findStorage(deps, sale.project.id);
  if (row !== undefined) return row;
  throw new ConnectorError({
    kind: 'bug',
    code: 'storage_row_missing',
    message: `project ${sale.project.id} has no storage row although its bucket step is done`,
    advice: 'Report this with the run’s id.',
  });
}

function lifecycleDays(deps: StepDeps, sale: Sale): number {
  return (
    deps.catalogue.plans.find((plan) => plan.key === sale.planKey)?.provisioning.storageLifecycleDays ?? 0
  );
}
