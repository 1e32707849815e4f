/** The whole connector as `npm start` runs it, on PostgreSQL, its Stripe a stand-in and the other systems away. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startFlags } from './start-flags.ts';

export interface Service {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

const AWAY = 'http://127.0.0.1:9'; // the discard port: nobody listens

export async function startService(input: {
  url: string;
  secret: string;
  stripeUrl: string;
}): Promise<Service> {
  const child = spawn(
    process.execPath,
    [...startFlags(), fileURLToPath(new URL('../../../connector/main.ts', import.meta.url))],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        PATH: process.env.PATH,
        PORT: '0',
        PUBLIC_URL: 'http://127.0.0.1',
        DATABASE_URL: input.url,
        CONNECTOR_SECRET: Buffer.alloc(32, 'benchmark').toString('base64'),
        CONNECTOR_API_KEYS: 'benchmark-benchmark-benchmark',
        STRIPE_SECRET_KEY: 'sk_test_benchmark',
        STRIPE_PUBLISHABLE_KEY: 'pk_test_benchmark',
        STRIPE_WEBHOOK_SECRET: input.secret,
        STRIPE_API_URL: input.stripeUrl,
        // The stand-in allows more than Stripe: what is measured is ours.
        STRIPE_READS_PER_SECOND: '1000',
        ODOO_URL: AWAY,
        ODOO_DB: 'away',
        ODOO_USERNAME: 'away',
        ODOO_API_KEY: 'away',
        B2_APPLICATION_KEY_ID: 'away',
        B2_APPLICATION_KEY: 'away',
        B2_API_URL: AWAY,
        BEP_URL: AWAY,
        SMTP_URL: 'smtp://127.0.0.1:9',
        MAIL_FROM: 'Bench <bench@example.com>',
      },
    },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const port = await new Promise<number>((resolve, reject) => {
    const said: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      const url = /"url":"http:\/\/127\.0\.0\.1:(\d+)".*"ready"/.exec(line)?.[1];
      if (url !== undefined) resolve(Number(url));
    });
    void ended.then(() => reject(new Error(`the connector ended:\n${said.join('\n')}`)));
  });
  return {
    port,
    pid: child.pid!,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
