/** `cli docs events`: the Stripe events listened to as Markdown, from the table that configures the endpoint. */
import { eventTable } from '../../connector/inbox/event-table.ts';

export async function docsEvents(): Promise<number> {
  process.stdout.write(eventsMarkdown());
  return 0;
}

export function eventsMarkdown(): string {
  const rows = eventTable.entries().map(({ type, why }) => `| \`${type}\` | ${why} |`);
  return [
    '# Stripe events',
    '',
    'Printed by `npm run cli -- docs events` from `connector/inbox/event-table.ts`. The webhook endpoint is made with',
    'exactly these. Any other type is answered 200, stored and marked ignored.',
    '',
    '| event | why it matters |',
    '|---|---|',
    ...rows,
    '',
  ].join('\n');
}
