/**
 * Starts one PostgreSQL for the whole test run, when the first test asks for it: a worker fetches the broker's address
 * and is answered with a database URL once the server runs and its migrated template database exists.
 */
import { createServer } from 'node:http';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../connector/db/migrate.ts';
import { openPostgres } from '../../connector/db/postgres.ts';
import { type PostgresServer, startPostgresServer } from './postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgresBroker: string;
  }
}

export interface BrokerAnswer {
  /** Maintenance database, for `create database … template …`. */
  readonly url: string;
  readonly template: string;
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let own: PostgresServer | undefined;
  let template: string | undefined;
  let starting: Promise<BrokerAnswer> | undefined;
  const start = async (): Promise<BrokerAnswer> => {
    const given = process.env.TEST_DATABASE_URL;
    if (given === undefined) own = await startPostgresServer();
    const url = given ?? own!.url;
    template = await makeTemplate(url);
    return { url, template };
  };
  const broker = createServer((_request, response) => {
    starting ??= start();
    starting.then(
      (answer) => response.end(JSON.stringify(answer)),
      (error: Error) => response.writeHead(500).end(String(error.stack)),
    );
  });
  await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve));
  project.provide('postgresBroker', `http://127.0.0.1:${(broker.address() as { port: number }).port}`);

  return async () => {
    broker.close();
    await starting?.catch(() => undefined);
    if (own !== undefined) await own.stop();
    else if (template !== undefined) await dropTemplate(process.env.TEST_DATABASE_URL!, template);
  };
}

async function makeTemplate(url: string): Promise<string> {
  const name = `connector_template_${process.pid}`;
  const admin = await openPostgres({ url, maxConnections: 1 });
  await admin.query(`drop database if exists ${name}`);
  await admin.query(`create database ${name}`);
  await admin.close();
  const db = await openPostgres({ url: withDatabase(url, name), maxConnections: 1 });
  await migrate(db);
  await db.close();
  return name;
}

async function dropTemplate(url: string, name: string): Promise<void> {
  const admin = await openPostgres({ url, maxConnections: 1 });
  await admin.query(`drop database if exists ${name}`);
  await admin.close();
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
