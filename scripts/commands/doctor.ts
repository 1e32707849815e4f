/** `cli doctor`: whether this installation will work, from the environment `npm start` would be given. */
import { statfs } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { examineConfig } from '../../connector/config.ts';
import { createLog } from '../../connector/log.ts';
import { examine } from './doctor/examine.ts';
import { report, withoutSecrets } from './doctor/report.ts';

const CALL_MS = 8_000;
const WHOLE_MS = 30_000;

/** For tests: a clock that is wrong, a disk that is full, another pace. */
interface Surroundings {
  readonly now?: () => Date;
  readonly freeBytes?: (path: string) => Promise<number>;
  readonly callMs?: number;
  readonly wholeMs?: number;
  readonly print?: (text: string) => void;
}

/** @param env as it stands, NAME_FILE included @returns 1 when anything is red, else 0 */
export async function runDoctor(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  surroundings: Surroundings = {},
): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { json: { type: 'boolean', default: false }, embedded: { type: 'boolean', default: false } },
  });
  const { config, problems } = examineConfig(env, { embedded: values.embedded });
  const findings = withoutSecrets(
    await examine({
      context: {
        config,
        embedded: values.embedded,
        log: createLog({ level: 'silent' }),
        now: surroundings.now ?? (() => new Date()),
        callMs: surroundings.callMs ?? CALL_MS,
        freeBytes: surroundings.freeBytes ?? freeBytes,
      },
      problems,
      wholeMs: surroundings.wholeMs ?? WHOLE_MS,
    }),
    config,
  );
  const print = surroundings.print ?? ((text: string) => console.log(text));
  print(
    values.json
      ? JSON.stringify({ findings })
      : report(findings, { colours: process.stdout.isTTY === true && env.NO_COLOR === undefined }),
  );
  return findings.some(({ colour }) => colour === 'red') ? 1 : 0;
}

async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}
