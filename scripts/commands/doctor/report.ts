/** How findings are shown: coloured on a terminal only, and never with a secret in them. */
import type { Config } from '../../../connector/config-schema.ts';
import type { SystemFinding } from './examine.ts';
import type { Colour } from './finding.ts';

const WORD: Readonly<Record<Colour, string>> = {
  green: 'green',
  yellow: 'yellow',
  red: 'red',
  unproven: 'not proven here',
};
const ANSI: Readonly<Record<Colour, number>> = { green: 32, yellow: 33, red: 31, unproven: 36 };

export function report(findings: readonly SystemFinding[], { colours }: { colours: boolean }): string {
  const width = Math.max(...Object.values(WORD).map((word) => word.length));
  const paint = (colour: Colour, text: string) =>
    colours ? `\u001b[${ANSI[colour]}m${text}\u001b[0m` : text;
  const lines = findings.flatMap(({ system, colour, text, advice }) => [
    `${paint(colour, WORD[colour].padEnd(width))}  ${system}: ${text}`,
    ...(advice === undefined ? [] : [`${' '.repeat(width)}  → ${advice}`]),
  ]);
  const count = (colour: Colour) => findings.filter((finding) => finding.colour === colour).length;
  const sum = `${count('green')} green, ${count('yellow')} yellow, ${count('red')} red, ${count('unproven')} not proven here`;
  return [...lines, '', sum].join('\n');
}

/** Other systems' messages are theirs: whatever secret they repeat is taken out. */
export function withoutSecrets(findings: readonly SystemFinding[], config: Config): readonly SystemFinding[] {
  const secrets = secretsOf(config)
    // A shorter one would be found by chance in any text.
    .filter((secret) => secret.length >= 6)
    .sort((a, b) => b.length - a.length);
  const clean = (text: string) => secrets.reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text);
  return findings.map((finding) => ({
    ...finding,
    text: clean(finding.text),
    ...(finding.advice !== undefined && { advice: clean(finding.advice) }),
  }));
}

function secretsOf(config: Config): string[] {
  const { stripe, odoo, b2, bep, mail, databaseUrl = '' } = config;
  return [
    ...config.connectorSecrets,
    ...config.connectorApiKeys,
    ...stripe.webhookSecrets,
    ...[stripe.secretKey, odoo.apiKey, b2.key, bep.apiKey ?? ''],
    ...[mail.smtpUrl, databaseUrl].flatMap((url) => [url, ...passwordsIn(url)]),
  ];
}

/** As written and as meant. */
function passwordsIn(url: string): string[] {
  if (!URL.canParse(url)) return [];
  const { password } = new URL(url);
  return [password, decodeURIComponent(password)];
}
