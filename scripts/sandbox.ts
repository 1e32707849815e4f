/**
 * `npm run sandbox`: the outside world by itself, for work on the connector or another front end.
 *
 * `-- --folder <path>` keeps its state there (default `.data/sandbox`), `--webhook <url>` is where Stripe's events go.
 * The environment is ignored: nothing here can reach a real system.
 */
import { parseArgs } from 'node:util';
import { DEFAULT_PORTS } from './sandbox/ports.ts';
import { startWorld } from './sandbox/world.ts';

const { values } = readOptions();

function readOptions() {
  try {
    return parseArgs({
      options: {
        folder: { type: 'string', default: '.data/sandbox' },
        webhook: { type: 'string' },
      },
    });
  } catch (thrown) {
    console.error(`${(thrown as Error).message}\nOptions: --folder <path>, --webhook <url>`);
    process.exit(1);
  }
}

const world = await startWorld({
  folder: values.folder,
  ports: DEFAULT_PORTS,
  webhookUrl: values.webhook,
  log: (line) => console.error(line),
}).catch((thrown: Error) => {
  console.error(thrown.message);
  process.exit(1);
});

const titles = Object.entries(world.urls).map(([name, url]) => `  ${name.padEnd(8)} ${url}`);
const env = Object.entries(world.env).map(
  ([name, value]) => `${name}=${/\s/.test(value) ? `'${value}'` : value}`,
);
console.log(`The sandbox is running; its state is kept in ${values.folder}\n\n${titles.join('\n')}\n`);
console.log(`The connector's environment for it:\n\n${env.join('\n')}\n`);
console.log(
  values.webhook === undefined
    ? 'No --webhook given: events are kept, none is sent. Ctrl-C ends it.'
    : `Events go to ${values.webhook}. Ctrl-C ends it.`,
);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void world.stop().then(() => process.exit(0));
  });
}
