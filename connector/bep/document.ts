/** From the engine's answer to the PDF, in the three ways an engine may give it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectorError } from '../errors.ts';
import { notAPdf, tooLarge } from './errors.ts';
import { type Answer, type Exchange, json } from './exchange.ts';
import type { Base64Answer, DocumentMapping, JobAnswer } from './mapping.ts';
import { pick } from './request-template.ts';

export interface Reading {
  readonly exchange: Exchange;
  readonly path: string;
  readonly maxBytes: number;
  readonly jobMs: number;
  readonly pollMs: number;
}

/** @throws ConnectorError permanent `bep_not_a_pdf`, `bep_too_large`, `bep_job_failed`; retryable `bep_job_slow` */
export async function documentOf(
  answer: Answer,
  how: DocumentMapping['answer'],
  reading: Reading,
): Promise<Uint8Array> {
  if (how.kind === 'pdf') return pdf(answer.bytes, answer.contentType, reading);
  if (how.kind === 'base64_json') return fromBase64(answer, how, reading);
  return fromJob(answer, how, reading);
}

function fromBase64(answer: Answer, how: Base64Answer, reading: Reading): Uint8Array {
  const content = pick(parsed(answer, reading.path), how.content);
  if (typeof content !== 'string') throw notAPdf(reading.path, `its JSON has no text in "${how.content}"`);
  return pdf(Buffer.from(content, 'base64'), `base64 in "${how.content}"`, reading);
}

// Becomes part of a path: nothing that could lead elsewhere.
const JOB_ID = /^[\w-][\w.-]{0,127}$/;

async function fromJob(first: Answer, how: JobAnswer, reading: Reading): Promise<Uint8Array> {
  const id = String(pick(parsed(first, reading.path), how.id) ?? '');
  if (!JOB_ID.test(id)) throw notAPdf(reading.path, `its JSON has no usable job id in "${how.id}"`);
  const statusPath = how.statusPath.replace('{id}', id);
  const deadline = performance.now() + reading.jobMs;
  for (;;) {
    const status = await reading.exchange({ path: statusPath });
    const body = parsed(status, statusPath);
    const state = String(pick(body, how.state) ?? '');
    if (how.failed.includes(state)) throw jobFailed(statusPath, state, how.reason && pick(body, how.reason));
    if (how.done.includes(state)) return result(status, how.result, { id, statusPath, reading });
    if (performance.now() + reading.pollMs > deadline) throw jobSlow(statusPath, state, reading.jobMs);
    await sleep(reading.pollMs);
  }
}

async function result(
  status: Answer,
  how: JobAnswer['result'],
  job: { id: string; statusPath: string; reading: Reading },
): Promise<Uint8Array> {
  if (how.kind === 'base64_json') return fromBase64(status, how, { ...job.reading, path: job.statusPath });
  const path = how.path.replace('{id}', job.id);
  const answer = await job.reading.exchange({ path });
  return pdf(answer.bytes, answer.contentType, { ...job.reading, path });
}

function parsed(answer: Answer, path: string): unknown {
  const body = json(answer.bytes);
  if (body === undefined) throw notAPdf(path, `JSON was expected, ${answer.contentType} came`);
  return body;
}

// ISO 32000-1, 7.5.2: a PDF begins with this.
const MAGIC = Buffer.from('%PDF-');

function pdf(bytes: Uint8Array, what: string, { path, maxBytes }: Reading): Uint8Array {
  if (bytes.byteLength > maxBytes) throw tooLarge(path, maxBytes);
  if (bytes.byteLength === 0) throw notAPdf(path, `it is empty (${what})`);
  if (!MAGIC.equals(bytes.subarray(0, MAGIC.length)))
    throw notAPdf(path, `${what}, beginning with ${beginning(bytes)}`);
  return bytes;
}

/** Printable beginning, for a person to recognise what came instead. */
function beginning(bytes: Uint8Array): string {
  return JSON.stringify(
    Buffer.from(bytes.subarray(0, 40))
      .toString('latin1')
      .replace(/[^\x20-\x7e]/g, '.'),
  );
}

const jobFailed = (path: string, state: string, reason: unknown) =>
  new ConnectorError({
    kind: 'permanent',
    code: 'bep_job_failed',
    system: 'bep',
    message: `The document engine's job ended as "${state}"${typeof reason === 'string' ? `: ${reason.slice(0, 300)}` : ''}`,
    advice: 'Correct what the engine names, then retry the run.',
    details: { path, state },
  });

const jobSlow = (path: string, state: string, jobMs: number) =>
  new ConnectorError({
    kind: 'retryable',
    code: 'bep_job_slow',
    system: 'bep',
    message: `The document engine's job is still "${state}" after ${Math.round(jobMs / 1000)} s`,
    advice: 'It is asked again with the same Idempotency-Key; if it stays, ask the engine’s operator.',
    details: { path, state },
  });
