/** `cli docs env`: .env.example, from the table that the configuration is parsed by. */
import { VARIABLES } from '../../connector/config-schema.ts';

export async function docsEnv(): Promise<number> {
  process.stdout.write(envExample());
  return 0;
}

export function envExample(): string {
  const blocks = VARIABLES.map(({ name, required, description, example }) => {
    const assignment = `${name}=${example}`;
    return `# ${description}\n${required || name === 'DATABASE_URL' ? assignment : `#${assignment}`}\n`;
  });
  const head = [
    '# Every variable the connector reads. Any NAME may come from a file instead: NAME_FILE=/run/secrets/name',
    '# As .env it is read by `npm start` and `npm run cli`; what the shell has set goes before it. Quote a value with a #.',
    '# Printed by `npm run cli -- docs env` from connector/config-schema.ts.',
    '',
  ];
  return [...head, ...blocks].join('\n');
}
