/** All checks side by side, each with an end. */
import type { ConfigProblem } from '../../../connector/config.ts';
import { b2 } from './b2.ts';
import { bep } from './bep.ts';
import type { Check, DoctorContext } from './context.ts';
import { database } from './database.ts';
import { type Finding, failed, green, red, unproven } from './finding.ts';
import { host } from './host.ts';
import { mappings } from './mappings.ts';
import { odoo } from './odoo.ts';
import { publicUrl } from './public-url.ts';
import { smtp } from './smtp.ts';
import { stripe } from './stripe.ts';

export interface SystemFinding extends Finding {
  readonly system: string;
}

const CHECKS: readonly Check[] = [stripe, odoo, mappings, b2, bep, smtp, database, publicUrl, host];

/** @param input.wholeMs after which a system's check is given up */
export async function examine(input: {
  context: DoctorContext;
  problems: readonly ConfigProblem[];
  wholeMs: number;
}): Promise<readonly SystemFinding[]> {
  const { context, problems, wholeMs } = input;
  const config: readonly Finding[] =
    problems.length === 0
      ? [green('every variable is set and valid')]
      : problems.map(({ text }) => red(text, 'See .env.example.'));
  const found = await Promise.all(
    CHECKS.map(async (check) => {
      const missing = problems.filter(({ name }) => isNeeded(check, name)).map(({ name }) => name);
      const findings =
        missing.length > 0
          ? [unproven(`not looked at: ${missing.join(', ')} first`, 'Set it, then run this again.')]
          : await within(
              wholeMs,
              check.run(context).catch((thrown) => [failed('check', thrown)]),
            );
      return findings.map((finding) => ({ system: check.system, ...finding }));
    }),
  );
  return [...config.map((finding) => ({ system: 'config', ...finding })), ...found.flat()];
}

const isNeeded = (check: Check, name: string) =>
  check.needs.some((need) => (need.endsWith('_') ? name.startsWith(need) : name === need));

async function within(ms: number, work: Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly Finding[]>((resolve) => {
    timer = setTimeout(() => {
      resolve([red(`no answer within ${ms / 1000} s`, 'Check network and firewall, then run this again.')]);
    }, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
