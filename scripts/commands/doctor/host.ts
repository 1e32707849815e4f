/** This machine: room on its disk. */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Check } from './context.ts';
import { failed, green, red, yellow } from './finding.ts';

const MB = 1024 ** 2;
const RED_MB = 100;
const YELLOW_MB = 1024;

export const host: Check = {
  system: 'host',
  needs: [],
  async run({ config, embedded, freeBytes }) {
    const path = embedded && existsSync(config.dataDir) ? config.dataDir : tmpdir();
    try {
      const free = Math.floor((await freeBytes(path)) / MB);
      const text = `${free} MB free at ${path}`;
      const advice = 'Make room: a full disk stops the embedded database and logs.';
      if (free < RED_MB) return [red(text, advice)];
      return [free < YELLOW_MB ? yellow(text, advice) : green(text)];
    } catch (thrown) {
      return [failed(`disk space at ${path}`, thrown)];
    }
  },
};
