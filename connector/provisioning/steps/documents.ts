/** BEP and EIR: asked of the engine once, kept in our database until they are filed everywhere. */
import { createHash } from 'node:crypto';
import type { Sale } from '../../billing/sale.ts';
import type { Sql } from '../../db/database.ts';
import { ConnectorError } from '../../errors.ts';
import type { DocumentKind } from '../ports.ts';
import type { DocumentResult } from '../results.ts';
import type { StepBody, StepContext, StepDeps } from '../step.ts';

export interface StoredDocument {
  readonly kind: DocumentKind;
  readonly fileName: string;
  readonly content: Uint8Array;
}

export const bep: StepBody<'bep'> = (deps, context) => create(deps, context, 'bep');
export const eir: StepBody<'eir'> = (deps, context) => create(deps, context, 'eir');

/** The outside systems hold them now. */
export const tidy: StepBody<'tidy'> = async (deps, { sale }) => {
  await deps.db.query('update documents set content = null where project_id = $1', [sale.project.id]);
  return null;
};

async function create(deps: StepDeps, { sale }: StepContext, kind: DocumentKind): Promise<DocumentResult> {
  const plan = deps.catalogue.plans.find((each) => each.key === sale.planKey);
  if (plan !== undefined && !plan.provisioning.documents.includes(kind))
    return { documentId: null, fileName: null };
  const made = await deps.engine.create({ kind, sale, idempotencyKey: `order_${sale.orderId}_${kind}` });
  const stored = await deps.db.query<{ id: number }>(
    `insert into documents (project_id, kind, file_name, sha256, size, content) values ($1, $2, $3, $4, $5, $6)
     on conflict (project_id, kind) do update set file_name = excluded.file_name, sha256 = excluded.sha256,
       size = excluded.size, content = excluded.content returning id`,
    [
      sale.project.id,
      kind,
      made.fileName,
      createHash('sha256').update(made.content).digest('hex'),
      made.content.byteLength,
      Buffer.from(made.content),
    ],
  );
  return { documentId: stored.rows[0]!.id, fileName: made.fileName };
}

// A sale is read once a turn of the run, so its documents are kept as long as the steps of that turn hold it.
const kept = new WeakMap<Sale, Promise<readonly StoredDocument[]>>();

/**
 * The project's documents with their content; only for steps that come after both.
 * @throws ConnectorError bug when the content is gone already
 */
export function readDocuments(sql: Sql, sale: Sale): Promise<readonly StoredDocument[]> {
  const known = kept.get(sale);
  if (known !== undefined) return known;
  const reading = read(sql, sale.project.id);
  kept.set(sale, reading);
  reading.catch(() => kept.delete(sale));
  return reading;
}

async function read(sql: Sql, projectId: number): Promise<readonly StoredDocument[]> {
  const found = await sql.query<{ kind: DocumentKind; fileName: string; content: Uint8Array | null }>(
    'select kind, file_name as "fileName", content from documents where project_id = $1 order by kind',
    [projectId],
  );
  return found.rows.map(({ kind, fileName, content }) => {
    if (content !== null) return { kind, fileName, content };
    throw new ConnectorError({
      kind: 'bug',
      code: 'document_content_missing',
      message: `the ${kind} of project ${projectId} was dropped before every step had used it`,
      advice: 'Report this with the run’s id.',
    });
  });
}
