/** `cli mail preview <template> [--locale fr] [--inline] [--html|--text]`: a template with its sample data, as a customer sees it. */
import { parseArgs } from 'node:util';
import { loadTemplates, type Templates } from '../../connector/mail/templates.ts';

const FOLDER = new URL('../../templates', import.meta.url);

/** @returns the exit code: 2 for a wrong command line */
export async function runMailPreview(argv: readonly string[]): Promise<number> {
  const templates = loadTemplates(FOLDER);
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      locale: { type: 'string', default: 'en' },
      // As with CREDENTIALS_DELIVERY=inline.
      inline: { type: 'boolean', default: false },
      html: { type: 'boolean', default: false },
      text: { type: 'boolean', default: false },
    },
  });
  const [template] = positionals;
  if (template === undefined || !templates.names.includes(template)) {
    console.error(usage(templates));
    return 2;
  }
  const sample = templates.sample(template);
  const data = 'inline' in sample && !values.inline ? { ...sample, inline: null } : sample;
  const mail = templates.render({ template, locale: values.locale, data });
  if (values.html) console.log(mail.html);
  else if (values.text) console.log(mail.text);
  else console.log(`Subject: ${mail.subject}\nLocale: ${mail.locale}\n\n${mail.text}`);
  return 0;
}

function usage({ names, locales }: Templates): string {
  return [
    'cli mail preview <template> [--locale <locale>] [--inline] [--html | --text]',
    `  templates: ${names.join(', ')}`,
    `  locales:   ${locales.join(', ')}`,
  ].join('\n');
}
