/** What a mail server says it can, in plain text before any TLS (RFC 5321, EHLO). */
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

/** @returns the extensions' names, upper case @throws Error when there is no answer in time */
export function helloOf(input: { host: string; port: number; timeoutMs: number }): Promise<string[]> {
  const { host, port, timeoutMs } = input;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const extensions: string[] = [];
    let awaited: 'greeting' | 'extensions' | 'end' = 'greeting';
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error('the mail server fell silent')));
    socket.on('error', reject);
    socket.on('close', () => resolve(extensions));
    createInterface({ input: socket }).on('line', (line) => {
      if (awaited === 'extensions' && line.startsWith('250'))
        extensions.push((line.slice(4).split(' ')[0] ?? '').toUpperCase());
      // A dash after the code: more lines follow.
      if (line[3] === '-' || awaited === 'end') return;
      if (awaited === 'greeting') socket.write('EHLO doctor.invalid\r\n');
      else socket.end('QUIT\r\n');
      awaited = awaited === 'greeting' ? 'extensions' : 'end';
    });
  });
}
