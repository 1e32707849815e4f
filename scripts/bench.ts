/** `npm run bench -- <name> [options]`: runs `scripts/bench/<name>.ts`; each ends with one line of JSON. */
import { readdirSync } from 'node:fs';

const folder = new URL('./bench/', import.meta.url);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3))
  .sort();
const [name, ...options] = process.argv.slice(2);

if (name === undefined || !names.includes(name)) {
  console.error(`Usage: npm run bench -- <name>\nBenchmarks: ${names.join(', ')}`);
  process.exit(2);
}
const { main } = (await import(new URL(`${name}.ts`, folder).href)) as {
  main: (options: readonly string[]) => Promise<void>;
};
await main(options);
