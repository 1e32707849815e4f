import { cpSync, mkdtempSync, readdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { date, money } from '../../connector/mail/helpers.ts';
import { loadTemplates } from '../../connector/mail/templates.ts';
import { missingFrom, variablesOf } from '../../connector/mail/variables.ts';
import { runMailPreview } from '../../scripts/commands/mail-preview.ts';

const FOLDER = fileURLToPath(new URL('../../templates', import.meta.url));
const shipped = loadTemplates(FOLDER);

const copies: string[] = [];
afterEach(() => {
  for (const copy of copies.splice(0)) rmSync(copy, { recursive: true });
});
/** The shipped templates, to be broken. */
function copied(): string {
  const copy = mkdtempSync(join(tmpdir(), 'templates-'));
  copies.push(copy);
  cpSync(FOLDER, copy, { recursive: true });
  return copy;
}

describe('the shipped templates', () => {
  it('are complete in English and French', () => {
    expect(shipped.locales).toEqual(['en', 'fr']);
    for (const locale of shipped.locales) {
      const folders = readdirSync(join(FOLDER, locale), { withFileTypes: true }).filter((entry) =>
        entry.isDirectory(),
      );
      expect(folders.map(({ name }) => name).sort(), locale).toEqual([...shipped.names].sort());
    }
    expect(shipped.names).toContain('welcome');
  });

  it.each(shipped.names.flatMap((name) => shipped.locales.map((locale) => [name, locale] as const)))(
    '%s in %s reads without images, in one line of subject and a whole page of HTML',
    (template, locale) => {
      const mail = shipped.render({ template, locale, data: shipped.sample(template) });
      expect(mail.locale).toBe(locale);
      expect(mail.subject).toMatch(/^[^\r\n]{10,100}$/);
      expect(mail.text.length).toBeGreaterThan(100);
      expect(mail.html).toMatch(new RegExp(`^<!doctype html>\\s*<html lang="${locale}">`));
      expect(mail.html).not.toMatch(/<img|<script|\{\{|undefined|\[object/);
      expect(mail.text).not.toMatch(/<[a-z]|\{\{|undefined|\[object|&amp;/);
    },
  );

  it('say what was paid in the currency’s own way', () => {
    const received = (amount: number, currency: string, locale: string) =>
      shipped.render({
        template: 'received',
        locale,
        data: { ...shipped.sample('received'), amount, currency },
      }).text;
    expect(received(350000, 'usd', 'en')).toContain('$3,500.00');
    expect(received(350000, 'jpy', 'en')).toContain('¥350,000');
    expect(received(3500000, 'kwd', 'en')).toMatch(/KWD\s3,500\.000/);
    expect(received(350050, 'eur', 'fr')).toMatch(/3\s500,50\s€/);
  });

  it('leave out what is null, and say that documents follow', () => {
    const data = {
      ...shipped.sample('welcome'),
      inline: null,
      storage: { endpoint: 'https://s3.example', bucket: 'cde-1', prefix: null },
      documentsAttached: false,
    };
    const { text, html } = shipped.render({ template: 'welcome', locale: 'en', data });
    expect(text).toContain('follow by separate mail');
    expect(text).toContain('https://connect.example.com/credentials/sample-token');
    expect(text).not.toContain('Your folder');
    expect(html).not.toContain('Storage key');
    const without = shipped.render({ template: 'welcome', locale: 'en', data: { ...data, documents: [] } });
    expect(without.text).not.toContain('DOCUMENTS');
    const received = { ...shipped.sample('received'), invoiceNumber: null, invoiceUrl: null };
    expect(shipped.render({ template: 'received', locale: 'en', data: received }).text).not.toContain(
      'Invoice',
    );
  });

  it('escape what customers typed in HTML, and keep text and subject on their lines', () => {
    const nasty = '<script>alert("x")</script> & Söhne\r\nBcc: all@example.com';
    const data = { ...shipped.sample('received'), project: nasty, name: nasty };
    const { subject, text, html } = shipped.render({ template: 'received', locale: 'en', data });
    expect(html).not.toContain('<script>');
    expect(html).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; Söhne Bcc');
    expect(subject).toContain('<script>alert("x")</script> & Söhne Bcc:');
    expect(subject).not.toMatch(/[\r\n]/);
    expect(text).not.toMatch(/^Bcc:/m);
  });

  it('speak the nearest language', () => {
    expect(shipped.localeFor('fr-CA')).toBe('fr');
    expect(shipped.localeFor('fr_BE')).toBe('fr');
    expect(shipped.localeFor('de')).toBe('en');
    expect(shipped.localeFor('')).toBe('en');
  });

  it('refuse data that lacks a variable, naming it', () => {
    const { timelineUrl: _left, ...data } = shipped.sample('received');
    expect(() => shipped.render({ template: 'received', locale: 'en', data })).toThrow(
      expect.objectContaining({
        kind: 'bug',
        code: 'mail_variable_missing',
        message: expect.stringContaining('timelineUrl'),
      }),
    );
    const nameless = { ...shipped.sample('received'), name: null };
    expect(() => shipped.render({ template: 'received', locale: 'en', data: nameless })).toThrow(
      /lacks name/,
    );
    const unkind = { ...shipped.sample('documents'), documents: [{ kind: 'bep' }, {}] };
    expect(() => shipped.render({ template: 'documents', locale: 'en', data: unkind })).toThrow(
      /documents\[\]\.kind/,
    );
  });

  it('refuse a template that does not exist', () => {
    const unknown = expect.objectContaining({ code: 'mail_template_unknown' });
    expect(() => shipped.render({ template: 'nothing', locale: 'en', data: {} })).toThrow(unknown);
    expect(() => shipped.sample('nothing')).toThrow(unknown);
  });
});

describe('at start', () => {
  const problemOf = (folder: string): string => {
    try {
      loadTemplates(folder);
    } catch (error) {
      expect(error).toMatchObject({ kind: 'permanent', code: 'mail_templates_invalid' });
      return (error as Error).message;
    }
    throw new Error('the templates were accepted');
  };

  it('names template and variable that the sample lacks', () => {
    const folder = copied();
    writeFileSync(join(folder, 'fr/received/text.hbs'), 'Bonjour {{nmae}}');
    expect(problemOf(folder)).toMatch(/fr\/received: .*nmae/);
  });

  it('names an unknown helper, a broken tag, a missing part, a word nobody translated', () => {
    const folder = copied();
    writeFileSync(join(folder, 'en/received/text.hbs'), '{{shout name}}');
    writeFileSync(join(folder, 'en/welcome/text.hbs'), '{{#if name}}');
    unlinkSync(join(folder, 'fr/access/subject.hbs'));
    writeFileSync(join(folder, 'fr/words.json'), '{"footer": "Pied"}');
    const problems = problemOf(folder);
    expect(problems).toMatch(/en\/received: .*shout/);
    expect(problems).toMatch(/en\/welcome: /);
    expect(problems).toMatch(/fr\/access: .*subject\.hbs/);
    expect(problems).toMatch(/fr\/words\.json lacks .*bep/);
    expect(problems).toMatch(/"bep" is not in words\.json of "fr"/);
  });

  it.each([
    ['fr/words.json', '{'],
    ['fr/words.json', null],
    ['samples/welcome.json', '{'],
    ['samples/welcome.json', null],
    ['shared/layout.hbs', null],
  ])('names %s when it is broken or not there (%s)', (file, content) => {
    const folder = copied();
    if (content === null) unlinkSync(join(folder, file));
    else writeFileSync(join(folder, file), content);
    expect(problemOf(folder)).toContain(file);
  });

  it('refuses helpers that are given the wrong thing', () => {
    const folder = copied();
    writeFileSync(join(folder, 'en/received/text.hbs'), '{{money name currency}}');
    writeFileSync(join(folder, 'en/access/text.hbs'), '{{date inline}}');
    const problems = problemOf(folder);
    expect(problems).toContain('money needs amount and currency');
    expect(problems).toContain('date needs a day');
  });
});

describe('variables', () => {
  const paths = (source: string) =>
    Object.fromEntries(variablesOf(source).map(({ path, nullable }) => [path, nullable]));

  it('are found in texts, helpers, blocks and lists', () => {
    expect(
      paths(
        '{{a.b}} {{money c d}} {{#if e}}{{e}}{{e.f}}{{g}}{{else}}{{h}}{{/if}} {{#each l}}{{i}}{{../j}}{{@index}}{{this}}{{@root.k}}{{/each}} {{#with w}}{{x}}{{/with}} {{#unless u}}{{else}}{{u}}{{/unless}} {{#> layout}}{{p}}{{/layout}} {{money (lookup q r) s}}',
      ),
    ).toEqual({
      'a.b': false,
      c: false,
      d: false,
      e: true,
      'e.f': true,
      g: false,
      h: false,
      l: true,
      'l[].i': false,
      j: false,
      k: false,
      w: true,
      'w.x': true,
      u: true,
      p: false,
      q: false,
      r: false,
      s: false,
    });
  });

  it('are found in blocks without a test of their own, inverted ones, and above the top', () => {
    expect(paths('{{#bold}}{{a}}{{/bold}} {{^if b}}{{c}}{{/if}} {{../d}} {{#if 1}}{{e}}{{/if}}')).toEqual({
      a: false,
      b: true,
      c: false,
      d: false,
      e: false,
    });
  });

  it('are missed where the data do not hold them, and a list that may be null may be null', () => {
    const variables = variablesOf(
      '{{#if list}}{{#each list}}{{name}}{{/each}}{{/if}}{{#if a}}{{a.b}}{{/if}}{{c}}',
    );
    const missing = (data: unknown) => missingFrom(data, variables);
    expect(missing({ list: [{ name: 'x' }], a: { b: 1 }, c: 1 })).toEqual([]);
    expect(missing({ list: null, a: null, c: 1 })).toEqual(['list[].name']);
    expect(missing({ list: 'text', a: {}, c: null })).toEqual(['list[].name', 'a.b', 'c']);
    expect(missing(null)).toContain('c');
    const optional = variablesOf('{{#if list}}{{#each list}}{{#if name}}{{name}}{{/if}}{{/each}}{{/if}}');
    expect(missingFrom({ list: null }, optional)).toEqual([]);
    expect(missingFrom({ list: 'text' }, optional)).toEqual(['list[].name']);
  });

  it('must not be null when one place prints them untested', () => {
    expect(paths('{{#if a}}{{a}}{{/if}}{{a}}')).toEqual({ a: false });
  });
});

describe('helpers', () => {
  it.each([
    [1500, 'usd', 'en', '$15.00'],
    [1500, 'jpy', 'en', '¥1,500'],
    [1500, 'bhd', 'en', /^BHD\s1\.500$/],
    // Counted by Stripe in hundredths although ISO knows none; MGA the other way round.
    [150000, 'isk', 'en', /^ISK\s1,500$/],
    [150000, 'ugx', 'en', /^UGX\s1,500$/],
    [1500, 'mga', 'en', /^MGA\s1,500/],
  ])('%i %s is %s', (amount, currency, locale, expected) => {
    expect(money(amount, currency, locale)).toMatch(expected);
  });

  it('says a day in words, in UTC', () => {
    expect(date('2026-12-01T00:30:00Z', 'en')).toBe('December 1, 2026');
    expect(date(new Date('2026-12-01T23:30:00Z'), 'fr')).toBe('1 décembre 2026');
  });
});

describe('cli mail preview', () => {
  const run = async (...argv: string[]) => {
    const lines: string[] = [];
    const { log, error } = console;
    console.log = (line: string) => void lines.push(line);
    console.error = console.log;
    try {
      return { code: await runMailPreview(argv), text: lines.join('\n') };
    } finally {
      Object.assign(console, { log, error });
    }
  };

  it('shows a template with its sample data', async () => {
    expect(await run('received')).toEqual({
      code: 0,
      text: expect.stringMatching(/^Subject: Payment received[\s\S]*Ada/),
    });
    expect((await run('received', '--locale', 'fr', '--text')).text).toMatch(/^Bonjour/);
    expect((await run('received', '--html')).text).toMatch(/^<!doctype html>/);
  });

  it('shows links where credentials are linked, and themselves with --inline', async () => {
    for (const template of ['welcome', 'access']) {
      const linked = (await run(template)).text;
      expect(linked).toContain('/credentials/sample-token');
      expect(linked).not.toContain('reset_password');
      expect((await run(template, '--inline')).text).toContain('reset_password');
    }
  });

  it('lists what there is', async () => {
    expect(await run()).toEqual({ code: 2, text: expect.stringContaining('welcome') });
    expect((await run('nothing')).code).toBe(2);
  });
});
