import { createTransport, type SendMailOptions } from 'nodemailer';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { FaultKind } from '../../../scripts/sandbox/faults.ts';
import type { World } from '../../../scripts/sandbox/world.ts';
import { startTestWorld } from '../../support/sandbox.ts';

let world: World;
beforeAll(async () => {
  world = await startTestWorld();
});
beforeEach(() => {
  world.systems.mail.clear();
  world.counts.reset();
});

const MAIL: SendMailOptions = {
  from: 'CDE Team <cde@sandbox.example>',
  to: 'Zoë <zoe@example.com>',
  subject: 'Grüße 🏗',
  text: 'plain ü',
  html: '<p>rich <b>ü</b></p><script>alert(1)</script>',
  messageId: '<one@sandbox.example>',
  attachments: [{ filename: 'Éléments.pdf', contentType: 'application/pdf', content: Buffer.from('%PDF') }],
};

async function send(mail: SendMailOptions = MAIL, url = world.urls.smtp) {
  const transport = createTransport({ url, socketTimeout: 400, tls: { rejectUnauthorized: false } } as never);
  try {
    return (await transport.sendMail(mail)).response as string;
  } catch (thrown) {
    const { responseCode, code } = thrown as { responseCode?: number; code?: string };
    return String(responseCode ?? code);
  } finally {
    transport.close();
  }
}

test('a mail is read back whole', async () => {
  expect(await send()).toMatch(/^250/);
  expect(await world.systems.mail.deliveries()).toMatchObject([
    {
      envelopeFrom: 'cde@sandbox.example',
      from: 'cde@sandbox.example',
      to: ['zoe@example.com'],
      subject: 'Grüße 🏗',
      messageId: '<one@sandbox.example>',
      attachments: [{ fileName: 'Éléments.pdf', contentType: 'application/pdf' }],
    },
  ]);
  const [mail] = await world.systems.mail.to('ZOE@example.com');
  expect(mail!.text.trim()).toBe('plain ü');
  expect(mail!.html).toContain('<b>ü</b>');
  expect(Buffer.from(mail!.attachments[0]!.content).toString()).toBe('%PDF');
  expect(mail!.headers).toContainEqual({ name: 'message-id', value: '<one@sandbox.example>' });
  expect(await world.systems.mail.to('somebody@example.com')).toEqual([]);
});

test('a login is taken, whatever it is', async () => {
  const url = world.urls.smtp.replace('smtp://', 'smtp://user:password@');
  expect(await send(MAIL, url)).toMatch(/^250/);
});

test('every raw copy counts', async () => {
  await send();
  await send();
  const mails = await world.systems.mail.deliveries();
  expect(mails.map((mail) => mail.messageId)).toEqual(['<one@sandbox.example>', '<one@sandbox.example>']);
  expect([world.counts.of('mail'), world.counts.of('smtp'), world.systems.mail.count()]).toEqual([2, 2, 2]);
});

test('lines that begin with a dot arrive as sent', async () => {
  await send({ ...MAIL, html: undefined, text: '.\n..two\nend' } as SendMailOptions);
  const [mail] = await world.systems.mail.deliveries();
  expect(mail!.text.trim().split(/\r?\n/)).toEqual(['.', '..two', 'end']);
});

// A reset reaches nodemailer as ECONNECTION or ESOCKET, depending on what the socket was doing.
test.each<[FaultKind, RegExp, number]>([
  ['rate_limited', /^451$/, 0],
  ['server_error', /^451$/, 0],
  ['permanent', /^550$/, 0],
  ['expired_token', /^535$/, 0],
  ['timeout', /^ETIMEDOUT$/, 0],
  ['reset_before', /^E(CONNECTION|SOCKET)$/, 0],
  ['reset_after', /^E(CONNECTION|SOCKET)$/, 1],
  ['html', /^E[A-Z]+$/, 0],
])(
  '%s: the client sees %s and %i copies were delivered; the next goes through',
  async (kind, seen, delivered) => {
    world.faults.add({ system: 'smtp', kind, times: 1 });
    expect(await send()).toMatch(seen);
    expect(world.systems.mail.count()).toBe(delivered);
    expect(await send()).toMatch(/^250/);
    expect(world.systems.mail.count()).toBe(delivered + 1);
  },
);

test('refused: nobody listens until it is over', async () => {
  world.faults.add({ system: 'mail', kind: 'refused', times: Number.POSITIVE_INFINITY });
  expect(await send()).toBe('ESOCKET');
  world.faults.clear();
  await expect.poll(() => send(), { interval: 30 }).toMatch(/^250/);
});

test('a delay is waited for', async () => {
  world.delay('smtp', 80);
  const before = performance.now();
  expect(await send()).toMatch(/^250/);
  expect(performance.now() - before).toBeGreaterThanOrEqual(75);
  world.delay('smtp', 0);
});

test('the inbox shows mail without running it', async () => {
  await send({ ...MAIL, subject: '<i>Escaped</i>' });
  const get = async (path: string) => {
    const response = await fetch(`${world.urls.inbox}${path}`);
    return { response, body: await response.text() };
  };
  const list = await get('');
  expect(list.body).toContain('&lt;i&gt;Escaped&lt;/i&gt;');
  const [, id] = /href="\/inbox\/([^"]+)"/.exec(list.body) ?? [];
  const mail = await get(`/${id}`);
  expect(mail.body).toContain('sandbox="allow-popups"');
  expect(mail.body).not.toContain('<script>');
  const html = await get(`/${id}/html`);
  expect(html.body).toContain('<b>ü</b>');
  expect(html.response.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect((await get(`/${id}/raw`)).body).toContain('Message-ID: <one@sandbox.example>');
  const file = await get(`/${id}/attachments/0`);
  expect(file.body).toBe('%PDF');
  expect(file.response.headers.get('content-disposition')).toContain(encodeURIComponent('Éléments.pdf'));
  expect((await get(`/${id}/attachments/9`)).response.status).toBe(404);
  expect((await get('/nothing')).response.status).toBe(404);
});
