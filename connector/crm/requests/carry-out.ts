/** One request from claim to answer: carried out, its outcome stored, then told on its row and in the chatter. */
import type { Database, Tx } from '../../db/database.ts';
import { asConnectorError, ConnectorError } from '../../errors.ts';
import type { ClaimedJob, Outcome } from '../../jobs/claim.ts';
import { hold } from '../../jobs/claim.ts';
import type { Log } from '../../log.ts';
import type { Odoo } from '../../odoo/odoo.ts';
import { html } from '../html.ts';
import { leaveNote } from '../note-rows.ts';
import { requestAction } from './actions.ts';
import { REQUEST_MODEL, writeAnswer } from './erp-rows.ts';
import type { ErpRequest, RequestHandlers, RequestOutcome } from './request.ts';
import {
  answeredAlready,
  nextRequest,
  postponeRequest,
  type RequestRow,
  recordName,
  requestIsAnswered,
  settleRequest,
} from './rows.ts';

export interface CarryOutDeps {
  readonly db: Database;
  readonly odoo: Odoo;
  readonly log: Log;
  readonly now: () => Date;
  readonly handlers: RequestHandlers;
  /** Lets a call to the ERP through when it can be reached and is ours. */
  readonly guard: <T>(call: () => Promise<T>) => Promise<T>;
  readonly onAnswered: (id: string) => void;
  /** A note waits for the chatter. */
  readonly wakeOutbox: () => void;
}

// Some ten minutes of passing failures; whoever pressed the button then reads what stands in the way.
const MOST_ATTEMPTS = 12;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

interface Settled {
  readonly state: 'done' | 'refused' | 'failed';
  readonly answer: string;
  readonly url: string | undefined;
  readonly cause: object | null;
}

/** Works off a record's requests, oldest first. */
export async function carryOutRequests(deps: CarryOutDeps, job: ClaimedJob): Promise<Outcome> {
  for (;;) {
    const row = await nextRequest(deps.db, job.key);
    if (row === undefined) return { next: 'done' };
    if (job.signal.aborted) return { next: 'again', at: deps.now() };
    if (row.retryAt > deps.now()) return { next: 'again', at: row.retryAt };
    const at = await carryOut(deps, job, row);
    if (at !== undefined) return { next: 'again', at };
  }
}

/** @returns when to try again; undefined: it is answered */
async function carryOut(deps: CarryOutDeps, job: ClaimedJob, row: RequestRow): Promise<Date | undefined> {
  try {
    const settled = await settle(deps, job, row);
    const at = deps.now();
    await deps.guard(() => writeAnswer(deps.odoo, { ...settled, rowId: row.rowId, at }));
    await requestIsAnswered(deps.db, row.id, at);
    deps.onAnswered(row.id);
    deps.log.info(
      { request: row.id, action: row.action, state: settled.state },
      'a request of staff is answered',
    );
    return undefined;
  } catch (thrown) {
    const error = asConnectorError(thrown);
    if (thrown instanceof Error && thrown.name === 'LostClaim') throw thrown;
    deps.log.warn({ request: row.id, action: row.action, err: error }, 'a request of staff waits');
    const retryAt = new Date(deps.now().getTime() + waitMs(row.attempts, error));
    await postponeRequest(deps.db, {
      id: row.id,
      retryAt,
      counts: !error.unreachable,
      cause: causeOf(error),
    });
    return retryAt;
  }
}

/** The stored outcome; only an address, which is stored nowhere, is asked for again. @throws what should be tried again */
async function settle(deps: CarryOutDeps, job: ClaimedJob, row: RequestRow): Promise<Settled> {
  if (row.state !== 'claimed' && !row.hasUrl)
    return { state: row.state, answer: row.answer!, url: undefined, cause: null };
  const settled = await decide(deps, row);
  await deps.db.tx(async (tx) => {
    await hold(tx, job);
    const { state, answer, url, cause } = settled;
    await settleRequest(tx, { id: row.id, state, answer, hasUrl: url !== undefined, cause, at: deps.now() });
    await tell(tx, row, settled);
  });
  deps.wakeOutbox();
  return settled;
}

async function decide(deps: CarryOutDeps, row: RequestRow): Promise<Settled> {
  const twice = await answeredAlready(deps.db, row.id);
  if (twice !== undefined)
    return { state: 'done', answer: `Already done: ${twice.answer}`, url: undefined, cause: null };
  try {
    const outcome = await perform(deps, row);
    return { state: 'done', answer: outcome.answer, url: outcome.url, cause: null };
  } catch (thrown) {
    const error = asConnectorError(thrown);
    const mayStillWork = error.unreachable || row.attempts + 1 < MOST_ATTEMPTS;
    if (error.kind === 'retryable' && mayStillWork) throw thrown;
    if (error.kind === 'bug') deps.log.error({ request: row.id, err: error }, 'a request of staff failed');
    const state = error.system === undefined && error.kind !== 'bug' ? 'refused' : 'failed';
    const answer = [error.message, error.advice].filter((text) => text !== undefined).join(' ');
    return { state, answer, url: undefined, cause: causeOf(error) };
  }
}

async function perform(deps: CarryOutDeps, row: RequestRow): Promise<RequestOutcome> {
  const action = requestAction(row.action);
  if (action === undefined) throw notKnown(row.action);
  if (row.model === REQUEST_MODEL) throw recordGone();
  return deps.handlers[row.action as ErpRequest['action']](row as ErpRequest);
}

/** In the chatter of the record asked about: who asked for what and when, and what became of it. */
async function tell(tx: Tx, row: RequestRow, settled: Settled): Promise<void> {
  const record = await recordName(tx, row);
  if (record === undefined) return;
  const asked = `${row.asker} asked for “${requestAction(row.action)?.label ?? row.action}” on ${stamp(row.askedAt)}.`;
  const word = { done: 'Done', refused: 'Refused', failed: 'Failed' }[settled.state];
  await leaveNote(tx, {
    record,
    model: row.model,
    key: `request_${row.id}`,
    html: html`<p>${asked}<br/><b>${word}</b>: ${settled.answer}</p>`,
  });
}

const stamp = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

function waitMs(attempts: number, error: ConnectorError): number {
  return error.retryAfterMs ?? Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempts, 10));
}

const causeOf = ({ kind, code, message, advice, system }: ConnectorError): object => ({
  kind,
  code,
  message,
  advice: advice ?? null,
  system: system ?? null,
});

const notKnown = (action: string) =>
  new ConnectorError({
    kind: 'permanent',
    code: 'request_unknown',
    message: `This version of the connector does not know “${action}”.`,
    advice: 'Bring the connector and the ERP’s set-up ("cli setup erp") to the same version.',
  });

const recordGone = () =>
  new ConnectorError({
    kind: 'absent',
    code: 'request_record_gone',
    message: 'The record this was asked about is gone.',
  });
