/** A server that answers as told: for what no Odoo does on request (proxies, limits, broken connections). */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';

export type Answer = (request: IncomingMessage & { body: string }, response: ServerResponse) => void;

export interface Scripted {
  readonly url: string;
  /** Answers the next requests, in order; the last one stays. */
  answer(...answers: Answer[]): void;
  readonly requests: { url: string; body: string; headers: IncomingMessage['headers'] }[];
}

const servers: Server[] = [];
// Registered when the file imports this module: from within a hook or a test it would never run.
afterAll(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

export async function startScripted(): Promise<Scripted> {
  let answers: Answer[] = [];
  const requests: Scripted['requests'] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      requests.push({ url: request.url ?? '', body, headers: request.headers });
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      answer?.(Object.assign(request, { body }), response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    answer: (...next) => {
      answers = next;
    },
    requests,
  };
}

export const json =
  (body: unknown, status = 200): Answer =>
  (_request, response) =>
    void response
      .writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' })
      .end(JSON.stringify(body));

export const page =
  (status: number, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    void response.writeHead(status, { 'Content-Type': 'text/html', ...headers }).end('<h1>proxy</h1>');

export const xml =
  (body: string, status = 200): Answer =>
  (_request, response) =>
    void response.writeHead(status, { 'Content-Type': 'text/xml' }).end(`<?xml version="1.0"?>${body}`);

export const breakOff: Answer = (request) => void request.socket.destroy();
export const silence: Answer = () => {};
