/**
 * The BEP/EIR document engine.
 *
 * `POST /v1/documents/bep|eir` (or `/v1/documents` with `document` in the body), `Authorization: Bearer`,
 * `Idempotency-Key` → the PDF. `?mode=base64` → `{file_name, content_base64}`. `?mode=job` → 202
 * `{job_id, status_url}`; `GET /v1/jobs/<id>` → `{state, pdf_url}`; `GET /v1/jobs/<id>/document` → the PDF.
 */
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { SANDBOX_KEYS } from '../env.ts';
import type { HttpContext, HttpSystem, ReplayedRequest } from '../system.ts';
import { createDocuments, type Documents } from './documents.ts';
import { createJobs, type Jobs } from './jobs.ts';
import type { BepSandbox, Misbehaviour, StoredDocument } from './model.ts';
import { documentsPage } from './page.ts';
import { EngineError, readRequest } from './request.ts';

export type { BepSandbox, EngineDocument, Misbehaviour } from './model.ts';

interface Engine {
  readonly documents: Documents;
  readonly jobs: Jobs;
  readonly misbehaviours: { times: number; readonly as: Misbehaviour }[];
}

export function createBepSandbox(context: HttpContext): HttpSystem & BepSandbox {
  const engine: Engine = {
    documents: createDocuments(context),
    jobs: createJobs(context),
    misbehaviours: [],
  };
  return {
    name: 'bep',
    operation,
    handler(req, res) {
      answer(engine, req, res).catch((thrown: unknown) => {
        const error =
          thrown instanceof EngineError ? thrown : new EngineError(500, 'internal', String(thrown));
        json(res, error.status, { code: error.code, message: error.message });
      });
    },
    documents: () =>
      engine.documents.all().map(({ content: _content, requestHash: _hash, ...document }) => document),
    pdf(id) {
      const document = engine.documents.get(id);
      return document && bytesOf(document);
    },
    misbehave: (as) => void engine.misbehaviours.push({ times: as.times, as }),
  };
}

/** `POST /v1/documents/bep`, also when the kind stands in the body alone. */
function operation({ method, url, body }: { method: string; url: string; body: Buffer }): string {
  const path = url.split('?')[0] ?? '';
  if (path.startsWith('/v1/jobs/'))
    return path.endsWith('/document') ? 'GET /v1/jobs/document' : 'GET /v1/jobs';
  if (path !== '/v1/documents') return `${method} ${path}`;
  const kind = /"document"\s*:\s*"(\w+)"/.exec(body.toString('latin1'))?.[1];
  return `${method} /v1/documents/${kind}`;
}

async function answer(engine: Engine, req: ReplayedRequest, res: ServerResponse): Promise<void> {
  const url = new URL(req.url ?? '/', 'http://engine');
  const parts = url.pathname.slice(1).split('/');
  if (parts[0] === '') return html(res, documentsPage(engine.documents.all()));
  if (parts[0] === 'documents') return pdf(res, found(engine.documents.get(parts[1] ?? '')));
  if (req.headers.authorization !== `Bearer ${SANDBOX_KEYS.bep}`)
    throw new EngineError(401, 'unauthorized', 'the bearer key is missing or wrong');
  const route = `${req.method} ${parts.slice(0, 2).join('/')}`;
  if (route === 'POST v1/documents') return create(engine, req, res, url);
  if (route === 'GET v1/jobs')
    return lookAt(engine, res, { id: parts[2] ?? '', document: parts[3] === 'document' });
  throw new EngineError(404, 'not_found', 'no such path');
}

async function create(engine: Engine, req: ReplayedRequest, res: ServerResponse, url: URL): Promise<void> {
  const request = readRequest(url.pathname, req.rawBody);
  const key = req.headers['idempotency-key'];
  const document = await engine.documents.create({
    request,
    idempotencyKey: typeof key === 'string' ? key : undefined,
  });
  const fault = engine.misbehaviours.find((pending) => pending.times > 0);
  if (fault !== undefined) fault.times -= 1;
  const as = fault?.as;
  const mode = url.searchParams.get('mode');
  if (mode === 'job') {
    const job = engine.jobs.start({ documentId: document.id, as });
    return json(res, 202, { job_id: job, status_url: `/v1/jobs/${job}` });
  }
  if (as?.how === 'job_failed') throw new EngineError(422, 'cannot_make', 'the project cannot be set');
  if (as?.how === 'late') await sleep(as.ms ?? 5000);
  const bytes = misbehaved(bytesOf(document), as);
  if (mode === 'base64')
    return json(res, 200, { file_name: document.fileName, content_base64: bytes.toString('base64') });
  pdf(res, document, bytes);
}

function lookAt(engine: Engine, res: ServerResponse, input: { id: string; document: boolean }): void {
  const job = engine.jobs.look(input.id);
  if (job === undefined) throw new EngineError(404, 'not_found', 'no such job');
  if (!input.document) {
    json(res, 200, job.status);
    return;
  }
  if (job.status.state !== 'done') throw new EngineError(409, 'not_done', `the job is ${job.status.state}`);
  const document = found(engine.documents.get(job.documentId));
  pdf(res, document, misbehaved(bytesOf(document), job.as));
}

function misbehaved(content: Buffer, as: Misbehaviour | undefined): Buffer {
  if (as?.how === 'not_pdf') return Buffer.from('<!doctype html><h1>Please log in</h1>');
  if (as?.how !== 'too_large') return content;
  return Buffer.concat([content, Buffer.alloc(Math.max(0, (as.bytes ?? 30e6) - content.length), 0x20)]);
}

const bytesOf = (document: StoredDocument) => Buffer.from(document.content, 'base64');

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new EngineError(404, 'not_found', 'no such document');
  return value;
}

function pdf(res: ServerResponse, document: StoredDocument, bytes: Buffer = bytesOf(document)): void {
  res.writeHead(200, {
    'content-type': 'application/pdf',
    'content-length': bytes.length,
    'content-disposition': `inline; filename*=UTF-8''${encodeURIComponent(document.fileName)}`,
  });
  res.end(bytes);
}

function json(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function html(res: ServerResponse, body: string): void {
  res.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(body);
}
