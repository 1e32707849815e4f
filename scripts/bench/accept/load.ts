/** The load generator: a fixed number of connections, each sending its next delivery when the last was answered. */
import { connect } from 'node:net';
import { say, settings } from './child.ts';
import { makeDeliveries } from './events.ts';

interface Settings {
  readonly port: number;
  readonly secret: string;
  readonly connections: number;
  readonly count: number;
}

const { port, secret, connections, count } = settings<Settings>();
const deliveries = makeDeliveries({ count, secret, port });
const latencies = new Float64Array(count);
let next = 0;
let refused = 0;

/** Speaks just enough HTTP/1.1: our answers and the floor's are small; the next request follows the whole answer. */
function connection(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1').setNoDelay(true);
    let current = -1;
    let began = 0;
    let received = '';
    const send = () => {
      if (next >= count) {
        socket.end();
        return resolve();
      }
      current = next++;
      received = '';
      began = performance.now();
      socket.write(deliveries[current]!);
    };
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (!complete(received)) return;
      latencies[current] = performance.now() - began;
      if (!received.startsWith('HTTP/1.1 200')) refused++;
      send();
    });
  });
}

function complete(received: string): boolean {
  const head = received.indexOf('\r\n\r\n');
  if (head < 0) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(received.slice(0, head))?.[1];
  if (length !== undefined) return received.length >= head + 4 + Number(length);
  return received.endsWith('0\r\n\r\n');
}

const began = performance.now();
await Promise.all(Array.from({ length: connections }, connection));
say({
  ms: performance.now() - began,
  refused,
  latencies: [...latencies].map((ms) => Math.round(ms * 1000) / 1000),
});
