/** The mail server of the sandbox: takes everything over real SMTP, keeps every raw delivery, shows them in an inbox. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Counts } from '../counts.ts';
import type { FaultBook } from '../faults.ts';
import { type Listener, listen } from '../listener.ts';
import type { SystemContext } from '../system.ts';
import type { Trace } from '../trace.ts';
import { inboxPage } from './inbox.ts';
import type { MailSandbox } from './mail.ts';
import { createMailbox } from './mailbox.ts';
import { createSmtpServer } from './smtp.ts';

export type { MailAttachment, MailSandbox, ReceivedMail } from './mail.ts';

export interface RunningMail {
  readonly sandbox: MailSandbox;
  readonly listener: Listener;
  readonly page: (req: IncomingMessage, res: ServerResponse, path: string) => void;
}

export async function startMail(
  deps: SystemContext & {
    port?: number | undefined;
    counts: Counts;
    faults: Pick<FaultBook, 'take' | 'hold'>;
    trace: Pick<Trace, 'begin'>;
    delayMs: () => number;
  },
): Promise<RunningMail> {
  const mailbox = createMailbox({ store: deps.store });
  const smtp = createSmtpServer({ ...deps, mailbox });
  const listener = await listen(smtp.server, {
    port: deps.port,
    dropConnections: smtp.dropConnections,
  });
  const { deliveries, to, count, clear } = mailbox;
  return { sandbox: { deliveries, to, count, clear }, listener, page: inboxPage({ mailbox }) };
}
