/** What the doctor says: one line each. */
import { asConnectorError } from '../../../connector/errors.ts';

/** `unproven`: only a contract suite on the real system, or a real event, would show it; neither good nor bad. */
export type Colour = 'green' | 'yellow' | 'red' | 'unproven';

export interface Finding {
  readonly colour: Colour;
  readonly text: string;
  /** What to do, for yellow and red. */
  readonly advice?: string;
}

export const green = (text: string): Finding => ({ colour: 'green', text });
export const yellow = (text: string, advice: string): Finding => ({ colour: 'yellow', text, advice });
export const red = (text: string, advice: string): Finding => ({ colour: 'red', text, advice });
export const unproven = (text: string, advice: string): Finding => ({ colour: 'unproven', text, advice });

/** A failed call as a finding. @param what was tried */
export function failed(what: string, thrown: unknown): Finding {
  const { message, advice } = asConnectorError(thrown);
  return red(`${what}: ${message}`, advice ?? 'See the message.');
}

/** Side by side; one that fails becomes a finding and leaves the others alone. */
export async function each(
  parts: Readonly<Record<string, () => Promise<readonly Finding[]>>>,
): Promise<readonly Finding[]> {
  const found = await Promise.all(
    Object.entries(parts).map(async ([what, part]) => {
      try {
        return await part();
      } catch (thrown) {
        return [failed(what, thrown)];
      }
    }),
  );
  return found.flat();
}
