/** Mail templates: found, compiled and rendered with their samples at start, so that no customer meets a fault first. */
import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConnectorError } from '../errors.ts';
import { compileTemplate, type Rendered, type Template } from './compile-template.ts';
import { missingFrom } from './variables.ts';

export interface Templates {
  /** @throws ConnectorError bug `mail_variable_missing`, `mail_template_unknown` */
  render(input: {
    template: string;
    locale: string;
    data: Record<string, unknown>;
  }): Rendered & { locale: string };
  /** The locale whose texts are used: `fr-CA` → `fr`; unknown → `en`. */
  localeFor(locale: string): string;
  readonly names: readonly string[];
  readonly locales: readonly string[];
  /** Data to show a template with. */
  sample(template: string): Record<string, unknown>;
}

/** Complete by rule: every other locale is measured against it, and it is used where a language is not spoken. */
const DEFAULT_LOCALE = 'en';
const LOCALE_FOLDER = /^[a-z]{2}(-[A-Z]{2})?$/;

/**
 * @param from `templates/`: `<locale>/<template>/{subject,text,html}.hbs`, `<locale>/words.json`,
 *   `shared/layout.hbs`, `samples/<template>.json`
 * @throws ConnectorError permanent `mail_templates_invalid`, naming each template, its locale and the variable
 */
export function loadTemplates(from: string | URL): Templates {
  const folder = from instanceof URL ? fileURLToPath(from) : from;
  const samples = readSamples(join(folder, 'samples'));
  const names = Object.keys(samples);
  const locales = readdirSync(folder).filter((name) => LOCALE_FOLDER.test(name));
  const layout = readText(join(folder, 'shared', 'layout.hbs'));
  const compiled = new Map<string, Template>();
  const problems: string[] = [];
  const attempt = (what: string, work: () => void) => {
    try {
      work();
    } catch (error) {
      problems.push(`${what}: ${(error as Error).message}`);
    }
  };
  const wordsOf = (locale: string) => readJson(join(folder, locale, 'words.json')) as Record<string, string>;
  const vocabulary = Object.keys(wordsOf(DEFAULT_LOCALE));
  for (const { name } of readdirSync(join(folder, DEFAULT_LOCALE), { withFileTypes: true }).filter(isFolder))
    if (!names.includes(name)) problems.push(`samples/${name}.json is missing`);
  for (const locale of locales) {
    const words = wordsOf(locale);
    const untranslated = vocabulary.filter((word) => !Object.hasOwn(words, word));
    if (untranslated.length > 0) problems.push(`${locale}/words.json lacks ${untranslated.join(', ')}`);
    for (const name of names) {
      attempt(`${locale}/${name}`, () => {
        const template = compileTemplate({ folder: join(folder, locale, name), locale, layout, words });
        const missing = missingFrom(samples[name], template.variables);
        if (missing.length > 0) throw new Error(`samples/${name}.json lacks ${missing.join(', ')}`);
        template.render(samples[name] as Record<string, unknown>);
        compiled.set(`${locale}/${name}`, template);
      });
    }
  }
  if (problems.length > 0) throw invalid(folder, problems);

  const localeFor = (locale: string): string => {
    const language = locale.replace(/[-_].*$/s, '');
    return [locale, language].find((candidate) => locales.includes(candidate)) ?? DEFAULT_LOCALE;
  };
  return {
    names,
    locales,
    localeFor,
    sample(template) {
      const sample = samples[template];
      if (sample === undefined) throw unknown(template, names);
      return sample;
    },
    render({ template, locale, data }) {
      const spoken = localeFor(locale);
      const found = compiled.get(`${spoken}/${template}`);
      if (found === undefined) throw unknown(template, names);
      const missing = missingFrom(data, found.variables);
      if (missing.length > 0) throw variableMissing(template, missing);
      return { ...found.render(data), locale: spoken };
    },
  };
}

function readSamples(folder: string): Readonly<Record<string, Record<string, unknown>>> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return Object.fromEntries(
    files.map((name) => [
      name.slice(0, -'.json'.length),
      readJson(join(folder, name)) as Record<string, unknown>,
    ]),
  );
}

const isFolder = (entry: Dirent): boolean => entry.isDirectory();

const readText = (file: string): string => named(file, () => readFileSync(file, 'utf8'));

const readJson = (file: string): unknown => named(file, () => JSON.parse(readFileSync(file, 'utf8')));

function named<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw invalid(file, [(error as Error).message]);
  }
}

const invalid = (folder: string, problems: readonly string[]) =>
  new ConnectorError({
    kind: 'permanent',
    code: 'mail_templates_invalid',
    message: `${folder}: ${problems.join('\n  ')}`,
    advice: 'Correct the templates; cli mail preview <template> shows the result.',
    details: { problems },
  });

const unknown = (template: string, names: readonly string[]) =>
  new ConnectorError({
    kind: 'bug',
    code: 'mail_template_unknown',
    message: `There is no mail template "${template}"`,
    advice: `Use one of: ${names.join(', ')}.`,
  });

const variableMissing = (template: string, missing: readonly string[]) =>
  new ConnectorError({
    kind: 'bug',
    code: 'mail_variable_missing',
    message: `The mail template "${template}" lacks ${missing.join(', ')}`,
    advice: 'Correct the template so that it uses only what templates/samples shows, then retry the run.',
    details: { template, missing },
  });
