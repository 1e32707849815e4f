import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../connector/log.ts';
import { createMailer, type SmtpMailer } from '../../connector/mail/mailer.ts';
import { loadTemplates } from '../../connector/mail/templates.ts';
import type { Fault, World } from '../../scripts/sandbox/world.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { startTestWorld } from '../support/sandbox.ts';

const templates = loadTemplates(new URL('../../templates', import.meta.url));
const now = () => new Date('2026-11-21T06:00:00Z');
let world: World;
let db: TestDatabase;
let mailer: SmtpMailer;
const open: SmtpMailer[] = [];

const mailerOf = (change: { smtpUrl?: string; from?: string } = {}) => {
  const made = createMailer({
    db,
    smtpUrl: world.env.SMTP_URL!,
    from: world.env.MAIL_FROM!,
    templates,
    log: createLog({ level: 'silent' }),
    now,
    timeoutMs: 400,
    ...change,
  });
  open.push(made);
  return made;
};
const mail = (change: Partial<Parameters<SmtpMailer['send']>[0]> = {}) => ({
  fact: 'run_1_received',
  to: { name: 'Ada Contact', email: 'ada@harbour.example' },
  template: 'received',
  locale: 'en',
  data: templates.sample('received'),
  ...change,
});
const rows = async () => (await db.query<Record<string, unknown>>('select * from mails order by id')).rows;

beforeAll(async () => {
  world = await startTestWorld();
  db = await openTestDatabase();
  return () => db.close();
});
beforeEach(async () => {
  world.faults.clear();
  world.systems.mail.clear();
  await db.query('delete from mails');
  mailer = mailerOf();
});
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

it('delivers subject, text, HTML and attachments, and records the mail', async () => {
  const content = Buffer.from('%PDF-1.7 €');
  const sent = await mailer.send(
    mail({ attachments: [{ fileName: 'Plan d’exécution.pdf', contentType: 'application/pdf', content }] }),
  );
  expect(sent.sent).toBe(true);
  const [received] = await world.systems.mail.deliveries();
  expect(received).toMatchObject({
    envelopeFrom: 'cde@sandbox.example',
    to: ['ada@harbour.example'],
    subject: 'Payment received: Harbour Tower is being set up',
  });
  expect(received!.messageId).toContain(sent.messageId.replace(/[<>]/g, ''));
  expect(received!.text).toContain('Hello Ada Lovelace');
  expect(received!.html).toContain('Follow the set-up');
  expect(received!.attachments).toHaveLength(1);
  expect(received!.attachments[0]).toMatchObject({
    fileName: 'Plan d’exécution.pdf',
    contentType: 'application/pdf',
  });
  expect(Buffer.from(received!.attachments[0]!.content).equals(content)).toBe(true);
  expect(await rows()).toEqual([
    expect.objectContaining({
      fact: 'run_1_received',
      message_id: sent.messageId,
      template: 'received',
      locale: 'en',
      recipient: 'ada@harbour.example',
      status: 'sent',
      sent_at: now(),
    }),
  ]);
});

it('does not send a fact twice, and names a message by its fact', async () => {
  const first = await mailer.send(mail());
  expect(await mailer.send(mail({ to: { name: 'X', email: 'other@harbour.example' } }))).toEqual({
    messageId: first.messageId,
    sent: false,
    attached: [],
  });
  const second = await mailer.send(mail({ fact: 'run_2_received' }));
  expect(second.messageId).not.toBe(first.messageId);
  expect(first.messageId).toMatch(/^<[0-9a-f]{40}@sandbox\.example>$/);
  expect(world.systems.mail.count()).toBe(2);
  expect((await rows())[0]).toMatchObject({ recipient: 'ada@harbour.example' });
});

it('says of a mail sent before what went with it then, not what is at hand now', async () => {
  const file = { fileName: 'bep.pdf', contentType: 'application/pdf', content: Buffer.from('%PDF-1.7') };
  const bare = await mailer.send(mail({ fact: 'run_7_welcome' }));
  expect(bare.attached).toEqual([]);
  const again = await mailer.send(mail({ fact: 'run_7_welcome', attachments: [file] }));
  expect(again).toMatchObject({ sent: false, attached: [] });
  const full = await mailer.send(mail({ fact: 'run_8_welcome', attachments: [file] }));
  expect(full).toMatchObject({ sent: true, attached: ['bep.pdf'] });
  expect((await mailer.send(mail({ fact: 'run_8_welcome' }))).attached).toEqual(['bep.pdf']);
});

it('records the language that was used', async () => {
  await mailer.send(mail({ locale: 'fr-BE' }));
  expect(await rows()).toEqual([expect.objectContaining({ locale: 'fr' })]);
  expect((await world.systems.mail.deliveries())[0]!.subject).toMatch(/^Paiement reçu/);
});

it('lets nothing typed become a header or a second recipient', async () => {
  const evil = 'Ada\r\nBcc: victim@example.com\r\n\r\nHello';
  await mailer.send(
    mail({
      to: { name: evil, email: 'ada@harbour.example' },
      data: { ...templates.sample('received'), project: evil },
      attachments: [{ fileName: evil, contentType: 'application/pdf', content: Buffer.from('x') }],
    }),
  );
  const [received] = await world.systems.mail.deliveries();
  expect(received!.to).toEqual(['ada@harbour.example']);
  expect(received!.headers.map(({ name }) => name.toLowerCase())).not.toContain('bcc');
  expect(received!.subject).toContain('Ada Bcc: victim@example.com Hello');
});

it.each([
  'ada@harbour.example, victim@example.com',
  'ada@harbour.example\r\nBcc: victim@example.com',
  'Ada <ada@harbour.example>',
  '"a b"@harbour.example',
  'ada@[127.0.0.1]',
  'ada',
  '@harbour.example',
  'a@b@c.example',
  '',
])('refuses %j as a recipient', async (email) => {
  await expect(mailer.send(mail({ to: { name: 'Ada', email } }))).rejects.toMatchObject({
    kind: 'permanent',
    code: 'mail_address_invalid',
  });
  expect(world.systems.mail.count()).toBe(0);
  expect(await rows()).toEqual([]);
});

it('carries names of any script', async () => {
  await mailer.send(mail({ to: { name: 'محمد 🏗️ Žižka, "Ada"', email: 'ada@harbour.example' } }));
  const [received] = await world.systems.mail.deliveries();
  const header = received!.headers.find(({ name }) => name.toLowerCase() === 'to')!.value;
  expect(header).toMatch(/^[\x20-\x7e]+$/);
});

it.each([
  ['cde@sandbox.example', 'sandbox.example'],
  ['"CDE, Team" <cde@other.example>', 'other.example'],
])('takes %s as the sender', async (from, domain) => {
  const { messageId } = await mailerOf({ from }).send(mail());
  expect(messageId).toContain(`@${domain}>`);
  expect((await world.systems.mail.deliveries())[0]!.envelopeFrom).toBe(`cde@${domain}`);
});

it.each(['nobody', 'A <a@b.example> <c@d.example>', 'a@b.example, c@d.example'])(
  'refuses %s as the sender',
  (from) => {
    expect(() => mailerOf({ from })).toThrow(expect.objectContaining({ code: 'mail_address_invalid' }));
  },
);

describe('faults', () => {
  const FAULTS: Record<
    Exclude<Fault['kind'], 'refused'>,
    [expected: Record<string, unknown>, copies: number]
  > = {
    timeout: [{ kind: 'retryable', code: 'mail_no_answer', effectUnknown: true }, 1],
    reset_before: [{ kind: 'retryable', code: 'mail_no_answer', effectUnknown: true }, 1],
    // The one window in which a second copy is possible: taken, but the 250 never read.
    reset_after: [{ kind: 'retryable', code: 'mail_no_answer', effectUnknown: true }, 2],
    rate_limited: [{ kind: 'retryable', code: 'mail_deferred' }, 1],
    server_error: [{ kind: 'retryable', code: 'mail_deferred' }, 1],
    html: [{ kind: 'retryable' }, 1],
    expired_token: [{ kind: 'permanent', code: 'mail_auth', advice: expect.stringMatching(/SMTP_URL/) }, 1],
    permanent: [{ kind: 'permanent', code: 'mail_refused' }, 1],
  };

  it.each(Object.entries(FAULTS))('survives %s', async (kind, [expected, copies]) => {
    world.faults.add({ system: 'smtp', kind: kind as Fault['kind'], times: 1 });
    await expect(mailer.send(mail())).rejects.toMatchObject({
      ...expected,
      system: 'smtp',
      advice: expect.any(String),
    });
    expect(await rows()).toEqual([expect.objectContaining({ status: 'queued', sent_at: null })]);
    await mailer.send(mail());
    expect(await rows()).toEqual([expect.objectContaining({ status: 'sent' })]);
    const received = await world.systems.mail.deliveries();
    expect(received).toHaveLength(copies);
    expect(new Set(received.map(({ messageId }) => messageId)).size).toBe(1);
  });

  it('survives a mail server that is away, and sends to the address corrected meanwhile', async () => {
    world.faults.add({ system: 'smtp', kind: 'refused', times: Number.POSITIVE_INFINITY });
    await sleep(50);
    await expect(mailer.send(mail())).rejects.toMatchObject({
      kind: 'retryable',
      code: 'mail_unreachable',
      unreachable: true,
    });
    await expect(mailer.verify()).rejects.toMatchObject({ code: 'mail_unreachable' });
    world.faults.clear();
    await mailer.verify();
    await mailer.send(mail({ to: { name: 'Ada', email: 'ada.new@harbour.example' } }));
    expect(await rows()).toEqual([expect.objectContaining({ recipient: 'ada.new@harbour.example' })]);
    expect(await world.systems.mail.to('ada.new@harbour.example')).toHaveLength(1);
  });

  it('does not find a host that is not there', async () => {
    await expect(mailerOf({ smtpUrl: 'smtp://nowhere.invalid:25' }).send(mail())).rejects.toMatchObject({
      kind: 'retryable',
      code: 'mail_unreachable',
    });
  });

  it('tells a server without TLS from one that is down', async () => {
    const url = world.env.SMTP_URL!.replace('smtp:', 'smtps:');
    await expect(mailerOf({ smtpUrl: url }).send(mail())).rejects.toMatchObject({
      kind: 'retryable',
      system: 'smtp',
    });
  });

  it('keeps the password out of everything it throws', async () => {
    const url = new URL(world.env.SMTP_URL!);
    url.username = 'user';
    url.password = 'pa55word';
    world.faults.add({ system: 'smtp', kind: 'expired_token', times: 1 });
    const error = await mailerOf({ smtpUrl: url.href })
      .send(mail())
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'mail_auth' });
    expect(
      JSON.stringify([error, String(error), (error as Error).stack, String((error as Error).cause)]),
    ).not.toContain('pa55word');
  });

  it('sends many at once over few connections', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, index) => mailer.send(mail({ fact: `fact_${index}` }))));
    expect(world.systems.mail.count()).toBe(20);
  });
});
