import { readFileSync } from 'node:fs';

/** Node's flags in `npm start`, so that what is measured is what is run; but for the operator's own environment. */
export function startFlags(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    scripts: { start: string };
  };
  return scripts.start.split(/\s+/).filter((word) => /^--(?!env-file)/.test(word));
}
