/** Makes each document once: the same idempotency key answers with the same bytes. */
import { createHash, randomUUID } from 'node:crypto';
import type { SystemContext } from '../system.ts';
import type { DocumentRequest, StoredDocument } from './model.ts';
import { renderPdf } from './pdf.ts';
import { EngineError } from './request.ts';

export interface Documents {
  create(input: { request: DocumentRequest; idempotencyKey: string | undefined }): Promise<StoredDocument>;
  get(id: string): StoredDocument | undefined;
  all(): readonly StoredDocument[];
}

export function createDocuments({ store, clock }: Pick<SystemContext, 'store' | 'clock'>): Documents {
  const documents = store.collection<StoredDocument>('documents');
  const byKey = store.collection<string>('keys');
  /** Two requests with one key at the same time are one document. */
  const making = new Map<string, Promise<StoredDocument>>();

  const make = async (request: DocumentRequest, key: string | undefined, requestHash: string) => {
    const at = clock.now();
    const content = await renderPdf(request, at);
    const document: StoredDocument = {
      id: randomUUID(),
      kind: request.document,
      projectCode: request.project.code,
      projectName: request.project.name,
      idempotencyKey: key ?? null,
      fileName: `${request.project.code || 'project'}-${request.document.toUpperCase()}.pdf`,
      size: content.length,
      at: at.toISOString(),
      parties: request.parties.map((party) => party.name),
      requestHash,
      content: content.toString('base64'),
    };
    store.atomically(() => {
      documents.put(document.id, document);
      if (key !== undefined) byKey.put(key, document.id);
    });
    return document;
  };

  return {
    async create({ request, idempotencyKey: key }) {
      const requestHash = createHash('sha256').update(JSON.stringify(request)).digest('hex');
      if (key === undefined) return make(request, undefined, requestHash);
      const known = documents.get(byKey.get(key) ?? '') ?? making.get(key);
      if (known !== undefined) return same(await known, requestHash);
      const made = make(request, key, requestHash).finally(() => making.delete(key));
      making.set(key, made);
      return made;
    },
    get: (id) => documents.get(id),
    all: () => documents.all(),
  };
}

function same(document: StoredDocument, requestHash: string): StoredDocument {
  if (document.requestHash === requestHash) return document;
  throw new EngineError(409, 'idempotency_conflict', 'the Idempotency-Key was used with another request');
}
