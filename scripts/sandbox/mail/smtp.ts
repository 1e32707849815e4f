/** Real SMTP: plain text on this machine, any login taken, none asked for. */
import type { Server, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import type { Counts } from '../counts.ts';
import type { FaultBook, FaultKind } from '../faults.ts';
import type { SystemContext } from '../system.ts';
import type { Trace } from '../trace.ts';
import type { Mailbox } from './mailbox.ts';

/** The one operation of this system; its count is the number of raw copies taken. */
const DELIVERY = 'delivery';

const REFUSALS: Partial<Record<FaultKind, { code: number; message: string }>> = {
  rate_limited: { code: 451, message: '4.7.1 too many messages, try again later' },
  server_error: { code: 451, message: '4.3.0 local error in processing' },
  permanent: { code: 550, message: '5.1.1 no such mailbox here' },
  expired_token: { code: 535, message: '5.7.8 authentication credentials invalid' },
};

export interface SmtpServer {
  readonly server: Server;
  dropConnections(): void;
}

export function createSmtpServer(
  deps: Pick<SystemContext, 'clock' | 'log'> & {
    mailbox: Mailbox;
    counts: Pick<Counts, 'add'>;
    faults: Pick<FaultBook, 'take' | 'hold'>;
    trace: Pick<Trace, 'begin'>;
    delayMs: () => number;
  },
): SmtpServer {
  const sockets = new Map<string, Socket>();

  /** Resolves with the refusal to answer, `undefined` for a 250, or never (the client must give up). */
  const receive = async (session: SMTPServerSession, raw: Buffer) => {
    const delay = deps.delayMs();
    if (delay > 0) await sleep(delay);
    const fault = deps.faults.take('mail', DELIVERY);
    if (fault !== undefined) deps.log(`mail: ${fault.kind}`);
    const refusal = fault && REFUSALS[fault.kind];
    if (refusal !== undefined)
      return Object.assign(new Error(refusal.message), { responseCode: refusal.code });
    if (fault?.kind === 'timeout') return new Promise<never>(() => {});
    const socket = sockets.get(socketKey(session));
    if (fault?.kind === 'html') socket?.end('<!doctype html><h1>502 Bad Gateway</h1>\r\n');
    else if (fault?.kind === 'reset_before') socket?.resetAndDestroy();
    else {
      const { mailFrom, rcptTo } = session.envelope;
      deps.counts.add('mail', DELIVERY);
      deps.mailbox.deliver({
        from: mailFrom === false ? '' : mailFrom.address,
        to: rcptTo.map(({ address }) => address),
        raw,
        at: deps.clock.now(),
      });
      if (fault?.silent) {
        const { localPort: serverPort = 0, remotePort: clientPort = 0 } = socket ?? {};
        deps.faults.hold({ system: 'mail', operation: DELIVERY, serverPort, clientPort });
        return new Promise<never>(() => {});
      }
      if (fault?.kind === 'reset_after') socket?.resetAndDestroy();
    }
    return undefined;
  };

  const smtp = new SMTPServer({
    name: 'sandbox.example',
    authOptional: true,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    // No certificate a client would trust: offering STARTTLS would only make every client fail.
    disabledCommands: ['STARTTLS'],
    onAuth: (auth, _session, done) => done(null, { user: auth.username ?? 'anybody' }),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const answered = deps.trace.begin('mail', DELIVERY);
        receive(session, Buffer.concat(chunks))
          .finally(answered)
          .then((refusal) => done(refusal ?? null), done);
      });
    },
  });
  smtp.on('error', (error) => deps.log(`mail: ${error.message}`));
  smtp.server.on('connection', (socket: Socket) => {
    const key = `${socket.remotePort}`;
    sockets.set(key, socket);
    socket.on('close', () => sockets.delete(key));
  });

  return {
    server: smtp.server,
    dropConnections: () => {
      for (const socket of sockets.values()) socket.destroy();
    },
  };
}

/** All clients are on this machine: the remote port tells them apart. */
const socketKey = (session: SMTPServerSession) => `${session.remotePort}`;
