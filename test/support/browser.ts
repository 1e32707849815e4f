/** A real headless Chromium: one on the machine if there is one, else the one that comes from npm. */
import { existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sparticuz, { inflate } from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

const ON_THE_MACHINE = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
];
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Close it when done. */
export async function launchBrowser(): Promise<Browser> {
  const own = ON_THE_MACHINE.find((path) => path !== undefined && existsSync(path));
  if (own !== undefined) return chromium.launch({ executablePath: own, args: FLAGS });
  const executablePath = await sparticuz.executablePath();
  // Its shared libraries lie in an archive of their own, which the package unpacks by itself only on AWS Lambda.
  const libraries = join(tmpdir(), 'al2023', 'lib');
  if (!existsSync(libraries)) await inflate(join(binFolder(), 'al2023.tar.br'));
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: [libraries, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
  };
  return chromium.launch({ executablePath, args: FLAGS, env: env as Record<string, string> });
}

/** Where screenshots are kept for people to look at. */
export async function artifact(name: string): Promise<string> {
  const folder = new URL('../../artifacts/', import.meta.url).pathname;
  await mkdir(folder, { recursive: true });
  return join(folder, name);
}

function binFolder(): string {
  let folder = new URL('.', import.meta.resolve('@sparticuz/chromium')).pathname;
  while (!existsSync(join(folder, 'bin')) || !readdirSync(join(folder, 'bin')).includes('al2023.tar.br'))
    folder = join(folder, '..');
  return join(folder, 'bin');
}
