/** The credentials page in a real browser: its policy must let the form through to the ERP, and the cookie must stick. */
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Credentials, createCredentials } from '../../connector/credentials/credentials.ts';
import { assetsRouter } from '../../connector/http/assets.ts';
import { credentialsRouter } from '../../connector/http/credentials.ts';
import { createHttpServer, type RunningServer } from '../../connector/http/server.ts';
import { createLog } from '../../connector/log.ts';
import { loadTemplates } from '../../connector/mail/templates.ts';
import { createVault } from '../../connector/secrets/vault.ts';
import { seedStorageKey } from '../credentials/seed-storage.ts';
import { artifact, launchBrowser } from '../support/browser.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { seedSale } from '../support/seed.ts';

const now = () => new Date();
const vault = createVault([randomBytes(32).toString('base64')]);
let db: TestDatabase;
let browser: Browser;
let erp: Server;
let server: RunningServer;
let credentials: Credentials;
let path: string;

beforeAll(async () => {
  db = await openTestDatabase();
  const sale = await seedSale(db);
  await seedStorageKey({ db, vault, projectId: sale.projectId, key: 'K005-browser-secret' });
  erp = createServer((_req, res) => res.end('<title>ERP</title>choose a password'));
  await new Promise<void>((ready) => erp.listen(0, '127.0.0.1', ready));
  const erpUrl = `http://127.0.0.1:${(erp.address() as AddressInfo).port}`;
  const log = createLog({ level: 'silent' });
  credentials = createCredentials({ db, vault, publicUrl: 'http://localhost', now });
  const http = createHttpServer({
    log,
    publicUrl: 'http://localhost',
    trustProxy: undefined,
    health: { ready: async () => ({ ok: true }) } as never,
    routers: [
      assetsRouter(),
      credentialsRouter({
        db,
        vault,
        credentials,
        setPasswordUrl: async () => `${erpUrl}/web/reset_password?token=fresh`,
        publicUrl: 'http://localhost',
        portalUrl: `${erpUrl}/my`,
        site: 'Common data environment',
        log,
        now,
      }),
    ],
  });
  server = await http.listen(0, '127.0.0.1');
  const { url } = await credentials.issue({
    fact: 'browser',
    subscriptionId: sale.subscriptionId,
    stakeholderId: null,
    partnerId: 77,
  });
  path = new URL(url).pathname;
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  erp?.close().closeAllConnections();
  await server?.close(100);
  await db?.close();
});

it('leads to the ERP’s password page without telling it where from', async () => {
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  await page.goto(`${server.url}${path}`);
  await page.screenshot({ path: await artifact('credentials-phone.png'), fullPage: true });
  const [request] = await Promise.all([
    page.waitForRequest(/reset_password/),
    page.getByRole('button', { name: 'Set your password' }).click(),
  ]);
  await page.waitForURL(/reset_password\?token=fresh/);
  expect(request.headers().referer).toBeUndefined();
  expect(await page.title()).toBe('ERP');
  await page.close();
});

it('shows the storage key to the first browser and not to the second', async () => {
  const visit = async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${server.url}${path}`);
    await page.getByRole('button', { name: 'Show the storage key' }).click();
    return page;
  };
  const first = await visit();
  expect(await first.locator('#application-key').textContent()).toBe('K005-browser-secret');
  await first.screenshot({ path: await artifact('credentials-key.png'), fullPage: true });
  await first.getByRole('link', { name: 'Back' }).click();
  await first.getByRole('button', { name: 'Show the storage key' }).click();
  expect(await first.locator('#application-key').textContent()).toBe('K005-browser-secret');
  const second = await visit();
  expect(await second.locator('h1').textContent()).toContain('shown already');
});

it('has mails that read on a phone, in the light and in the dark', async () => {
  const templates = loadTemplates(new URL('../../templates', import.meta.url));
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({ viewport: { width: 390, height: 844 }, colorScheme });
    const data = { ...templates.sample('welcome'), inline: null };
    await page.setContent(templates.render({ template: 'welcome', locale: 'en', data }).html);
    const width = await page.evaluate('document.documentElement.scrollWidth');
    expect(width).toBeLessThanOrEqual(390);
    await page.screenshot({ path: await artifact(`mail-welcome-${colorScheme}.png`), fullPage: true });
    await page.close();
  }
});
