/** One `load` for all rows; an optional field the ERP refuses is left out, so that it cannot stop a paid customer. */
import { type LoadProblem, loadProblems } from '../odoo/load.ts';
import type { Odoo } from '../odoo/odoo.ts';
import type { LoadOptions } from '../odoo/row.ts';
import { qualified } from './ids.ts';
import type { Cell } from './values.ts';
import type { Wanted } from './wanted.ts';

export interface Made {
  readonly name: string;
  readonly id: number;
  readonly refused: Readonly<Record<string, string>>;
}

interface Draft {
  readonly name: string;
  readonly values: Record<string, Cell>;
  readonly optional: readonly string[];
  /** Taken out because nobody said which field was wrong; tried one by one once the record exists. */
  readonly doubtful: Record<string, Cell>;
  readonly refused: Record<string, string>;
}

export async function loadLeavingOut(
  odoo: Odoo,
  model: string,
  wanted: readonly Wanted[],
  context?: LoadOptions['context'],
): Promise<Made[]> {
  if (wanted.length === 0) return [];
  const drafts: Draft[] = wanted.map(({ name, values, optional = [] }) => ({
    name,
    values: { ...values },
    optional,
    doubtful: {},
    refused: {},
  }));
  const ids = await loadAll(odoo, model, drafts, context === undefined ? {} : { context });
  for (const [index, draft] of drafts.entries()) await tryDoubtful(odoo, model, draft, ids[index]!);
  return drafts.map(({ name, refused }, index) => ({ name, id: ids[index]!, refused }));
}

async function loadAll(
  odoo: Odoo,
  model: string,
  drafts: readonly Draft[],
  options: LoadOptions,
): Promise<number[]> {
  let patient = false;
  for (;;) {
    const columns = columnsOf(drafts);
    const rows = drafts.map(({ name, values }) => [
      qualified(name),
      ...columns.map((column) => values[column] ?? ''),
    ]);
    // With an optional field in play, a refusal that names no field is more likely that field than a conflict.
    const hasty = !patient && drafts.some((draft) => filledOptional(draft).length > 0);
    try {
      return await odoo.load(model, ['id', ...columns], rows, { ...options, ...(hasty && { attempts: 1 }) });
    } catch (thrown) {
      const problems = withoutRepeats(loadProblems(thrown));
      if (problems.length > 0 && problems.every((problem) => leaveOut(problem, drafts))) continue;
      if (!hasty || problems.length === 0 || problems.some(({ field }) => field !== null)) throw thrown;
      patient = true;
    }
  }
}

/** Odoo tells a batch's problem once for the batch and once for the row. */
function withoutRepeats(problems: readonly LoadProblem[]): LoadProblem[] {
  return [...new Map(problems.map((problem) => [`${problem.row} ${problem.field}`, problem])).values()];
}

/** @returns false when the problem is with a field the record cannot do without */
function leaveOut(problem: LoadProblem, drafts: readonly Draft[]): boolean {
  const concerned = problem.row === null ? drafts : drafts.slice(problem.row, problem.row + 1);
  let left = false;
  for (const draft of concerned) {
    for (const column of filledOptional(draft)) {
      if (problem.field !== null && fieldOf(column) !== problem.field) continue;
      if (problem.field === null) draft.doubtful[column] = draft.values[column]!;
      else draft.refused[fieldOf(column)] = problem.message;
      delete draft.values[column];
      left = true;
    }
  }
  return left;
}

async function tryDoubtful(odoo: Odoo, model: string, draft: Draft, id: number): Promise<void> {
  for (const [column, cell] of Object.entries(draft.doubtful)) {
    try {
      await odoo.load(model, ['.id', column], [[id, cell]], { attempts: 4 });
    } catch (thrown) {
      const [problem] = loadProblems(thrown);
      if (problem === undefined) throw thrown;
      draft.refused[fieldOf(column)] = problem.message;
    }
  }
}

const columnsOf = (drafts: readonly Draft[]): string[] => [
  ...new Set(drafts.flatMap((draft) => Object.keys(draft.values))),
];

const filledOptional = (draft: Draft): string[] =>
  draft.optional.filter((column) => (draft.values[column] ?? '') !== '');

const fieldOf = (column: string): string => column.replace(/\/\.?id$/, '');
