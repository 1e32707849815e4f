/** What the demo says at its end: what exists now, and where to look at it. */
import type { RunDetails } from '../../connector/provisioning/runs.ts';
import type { World } from '../sandbox/world.ts';
import type { Replaceable } from './options.ts';
import type { Outcome } from './read-back.ts';

export function summary(input: {
  run: RunDetails;
  outcome: Outcome | null;
  ms: number;
  publicUrl: string;
  orderUrl: string;
  urls: World['urls'];
  env: Readonly<Record<string, string>>;
  use: readonly Replaceable[];
}): string {
  const { run, outcome, urls, env, use } = input;
  const links = [
    ['wizard', `${input.publicUrl}/services/comply`],
    ['timeline', input.orderUrl],
    ['ERP', env.ODOO_URL!],
    [
      'mail inbox',
      use.includes('smtp') ? `of each recipient, by ${new URL(env.SMTP_URL!).host}` : urls.inbox,
    ],
    ['storage', env.B2_API_URL ?? 'https://secure.backblaze.com/b2_buckets.htm'],
    ['sandbox', urls.control],
  ];
  const where = links.map(([name, url]) => `  ${name!.padEnd(12)} ${url}`).join('\n');
  if (outcome === null) {
    const cause = run.cause as { step?: string; message?: string; advice?: string } | null;
    return `\nThe run is ${run.status} at ${cause?.step}: ${cause?.message}\n→ ${cause?.advice ?? 'see the log'}\n\n${where}`;
  }
  const { erp, storage, mail } = outcome;
  const facts = [
    `ERP          partner ${erp.partnerId}, opportunity ${erp.opportunity.id} (${erp.opportunity.stage}, ${erp.opportunity.probability} %)`,
    `             subscription ${erp.subscription.id} (${erp.subscription.tier}, ${erp.subscription.status}), ${erp.userIds.length} users`,
    `workspace    ${erp.folders.length} folders (${erp.driver}): ${erp.documents.join(', ')}`,
    `storage      ${storage.bucket}: ${storage.files.join(', ')}`,
    ...mail.map(
      (each) =>
        `mail         ${each.to}: ${each.subject}${each.attachments.length > 0 ? ` [${each.attachments.join(', ')}]` : ''}`,
    ),
  ];
  if (outcome.notReadBack) facts.push('mail         sent through your own server: not read back');
  return `\nThe customer lives after ${(input.ms / 1000).toFixed(1)} s.\n\n${facts.map((fact) => `  ${fact}`).join('\n')}\n\nLook at it:\n${where}`;
}
