/** Spares an outside system from a page that polls: one question about one thing every few seconds, and never an error. */
import type { Log } from '../log.ts';

const EVERY_MS = 4000;
// Beyond this many things the oldest answer is forgotten: it only costs a question.
const REMEMBERED = 1000;

/** @returns `ask`, answered from memory for four seconds; when it throws, the last known answer (at first: `unknown`) */
export function askRarely<Answer>(
  deps: { readonly log: Log; readonly now: () => Date },
  ask: (id: number) => Promise<Answer>,
  unknown: Answer,
): (id: number) => Promise<Answer> {
  const known = new Map<number, { readonly answer: Answer; readonly at: number }>();
  return async (id) => {
    const last = known.get(id);
    const at = deps.now().getTime();
    if (last !== undefined && at - last.at < EVERY_MS) return last.answer;
    let answer = last === undefined ? unknown : last.answer;
    try {
      answer = await ask(id);
    } catch (err) {
      deps.log.warn({ err, id }, 'could not be asked; the last known answer stands');
    }
    known.delete(id);
    known.set(id, { answer, at });
    if (known.size > REMEMBERED) known.delete(known.keys().next().value!);
    return answer;
  };
}
