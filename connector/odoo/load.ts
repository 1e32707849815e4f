/** `Model.load` with its refusals raised, and its serialisation conflicts repeated. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectorError } from '../errors.ts';
import type { Row } from './row.ts';
import type { CallArguments } from './transport.ts';

export interface LoadProblem {
  /** Index of the row, where Odoo names one. */
  readonly row: number | null;
  /** The field without its `/id` or `/.id`; null: Odoo names none. */
  readonly field: string | null;
  readonly message: string;
}

interface LoadAnswer {
  readonly ids: number[] | false;
  readonly messages: readonly { type?: string; record?: number; field?: string; message?: string }[];
}

const FIRST_PAUSE_MS = 60;

/**
 * A conflict with another transaction comes as a refusal that names no field, in whatever language PostgreSQL speaks,
 * and Odoo does not repeat it. So such a refusal is repeated, after which it is taken at its word.
 */
export async function loadRecords(input: {
  call: <T>(model: string, method: string, args: CallArguments) => Promise<T>;
  model: string;
  fields: readonly string[];
  rows: readonly Row[];
  attempts?: number;
  context?: Readonly<Record<string, unknown>>;
}): Promise<number[]> {
  if (input.rows.length === 0) return [];
  const attempts = input.attempts ?? 6;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await input.call<LoadAnswer>(input.model, 'load', {
      fields: input.fields,
      data: input.rows,
      ...(input.context !== undefined && { context: input.context }),
    });
    if (answer.ids !== false && answer.ids.length === input.rows.length) return answer.ids;
    const problems = problemsOf(answer);
    if (problems.some((problem) => problem.field !== null) || attempt >= attempts) {
      throw refusal(input.model, problems);
    }
    await sleep(FIRST_PAUSE_MS * 2 ** attempt * (0.5 + Math.random()));
  }
}

/** What a load was refused for; empty for any other error. */
export function loadProblems(thrown: unknown): readonly LoadProblem[] {
  if (!(thrown instanceof ConnectorError) || thrown.code !== 'odoo_load_refused') return [];
  return thrown.details?.problems as readonly LoadProblem[];
}

function problemsOf(answer: LoadAnswer): LoadProblem[] {
  return answer.messages
    .filter((message) => message.type !== 'warning')
    .map(({ record, field, message }) => ({
      row: record ?? null,
      field: field ?? null,
      message: (message ?? '').trim().slice(0, 300),
    }));
}

function refusal(model: string, problems: readonly LoadProblem[]): ConnectorError {
  const [first] = problems;
  const where = first?.field == null ? model : `${model}.${first.field}`;
  return new ConnectorError({
    kind: 'permanent',
    code: 'odoo_load_refused',
    system: 'odoo',
    message: `Odoo refused ${where}: ${first?.message || 'no reason given'}`,
    advice: 'Correct the value or the mapping (mappings/odoo.json), then retry.',
    details: { model, problems },
  });
}
