import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { ConnectorError } from '../../../connector/errors.ts';

/** The administrator's key: from a file, from ODOO_ADMIN_API_KEY, or asked for on the terminal without echo. */
export async function adminKey(file: string | undefined, env: NodeJS.ProcessEnv): Promise<string> {
  if (file !== undefined) return readFileSync(file, 'utf8').trim();
  const given = env.ODOO_ADMIN_API_KEY?.trim();
  if (given) return given;
  if (process.stdin.isTTY) return ask('Odoo administrator’s API key: ');
  throw new ConnectorError({
    kind: 'permanent',
    code: 'admin_key_missing',
    message: 'setup erp needs an administrator’s API key',
    advice:
      'Give --admin-key-file <file>, or run it on a terminal. (Odoo: My Profile → Account Security → New API Key.)',
  });
}

function ask(question: string): Promise<string> {
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  return new Promise((resolve) => {
    terminal.question('', (answer) => {
      terminal.close();
      process.stderr.write('\n');
      resolve(answer.trim());
    });
  });
}
