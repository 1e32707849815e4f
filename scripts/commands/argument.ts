/** The one thing a command is about, such as a run's id: asked for before anything is sent. */
import { ConnectorError } from '../../connector/errors.ts';

/**
 * @param what as the command's usage names it, e.g. `a run's id`
 * @throws ConnectorError permanent `argument_missing`
 */
export function argument([first]: readonly string[], what: string): string {
  if (first !== undefined && /^[^-\s]/.test(first)) return first;
  throw new ConnectorError({
    kind: 'permanent',
    code: 'argument_missing',
    message: `This command needs ${what}.`,
    advice: 'The command with --help says how it is written.',
  });
}
