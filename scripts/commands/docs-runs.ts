/** `cli docs runs`: the steps of every run as Markdown, from the table that drives them. */
import { RUN_PLANS } from '../../connector/provisioning/run-plans.ts';

export async function docsRuns(): Promise<number> {
  process.stdout.write(runsMarkdown());
  return 0;
}

export function runsMarkdown(): string {
  const parts = Object.entries(RUN_PLANS).map(([kind, steps]) => {
    const rows = steps.map(({ name, makes, system, needs, prefers }) => {
      const waits = [
        ...needs.map((need) => `\`${need}\``),
        ...(prefers ?? []).map((each) => `(\`${each}\`)`),
      ];
      return `| \`${name}\` | ${makes} | ${system ?? '—'} | ${waits.join(', ') || '—'} |`;
    });
    return [
      `## ${kind}`,
      '',
      '| step | makes | system | needs (prefers) |',
      '|---|---|---|---|',
      ...rows,
    ].join('\n');
  });
  return [
    '# Runs and their steps',
    '',
    'Printed by `npm run cli -- docs runs` from `connector/provisioning/run-plans.ts`.',
    '',
    parts.join('\n\n'),
    '',
  ].join('\n');
}
