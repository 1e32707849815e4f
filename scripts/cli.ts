/** `npm run cli -- <command>`: dispatches to one file per command in scripts/commands/. */
import { withFiles } from '../connector/config.ts';
import { ConnectorError } from '../connector/errors.ts';

/** Runs a command. @returns the process's exit code */
type Command = (argv: readonly string[], env: NodeJS.ProcessEnv) => Promise<number>;

interface Entry {
  readonly words: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
  /** Reads the whole configuration itself, NAME_FILE included, and tells what is wrong with it. */
  readonly wholeConfig?: true;
}

// Loaded on demand: "mail preview" needs neither Stripe nor the database.
const COMMANDS: readonly Entry[] = [
  {
    words: 'setup erp',
    summary: 'make the models, actions and the service’s own user in Odoo',
    load: async () => (await import('./commands/setup-erp.ts')).runSetupErp,
  },
  {
    words: 'setup stripe',
    summary: 'make products, prices, webhook endpoint and portal settings',
    load: async () => (await import('./commands/setup-stripe.ts')).runSetupStripe,
  },
  {
    words: 'mail preview',
    summary: 'render a mail template with sample data',
    load: async () => (await import('./commands/mail-preview.ts')).runMailPreview,
  },
  {
    words: 'runs list',
    summary: 'provisioning runs, newest first (--status needs_attention)',
    load: async () => (await import('./commands/runs.ts')).runsList,
  },
  {
    words: 'runs show',
    summary: 'one run with its steps: runs show <id>',
    load: async () => (await import('./commands/runs.ts')).runsShow,
  },
  {
    words: 'runs retry',
    summary: 'let a stopped run go on at its first undone step: runs retry <id>',
    load: async () => (await import('./commands/runs.ts')).runsRetry,
  },
  {
    words: 'customers list',
    summary: 'customers as we hold them (--search …, --parked, --json)',
    load: async () => (await import('./commands/customers.ts')).customersList,
  },
  {
    words: 'customers get',
    summary: 'one customer with subscriptions and invoices: customers get <cus_… or organisation>',
    load: async () => (await import('./commands/customers.ts')).customersGet,
  },
  {
    words: 'customers explain',
    summary: 'what happened and why, in order of time: customers explain <cus_… or organisation>',
    load: async () => (await import('./commands/customers.ts')).customersExplain,
  },
  {
    words: 'invoices list',
    summary: 'invoices as we hold them (--customer cus_…, --status open, --json)',
    load: async () => (await import('./commands/invoices.ts')).invoicesList,
  },
  {
    words: 'revenue',
    summary: 'recurring a month by tier and currency, and what came in by month (--months 12, --json)',
    load: async () => (await import('./commands/revenue.ts')).runRevenue,
  },
  {
    words: 'events list',
    summary: 'the inbox, newest first (--failed, --customer cus_…, --type …, --since …)',
    load: async () => (await import('./commands/events.ts')).eventsList,
  },
  {
    words: 'events show',
    summary: 'one event with its payload: events show evt_…',
    load: async () => (await import('./commands/events.ts')).eventsShow,
  },
  {
    words: 'events replay',
    summary: 'work on events again: events replay evt_… | --failed | --since <date>',
    load: async () => (await import('./commands/events.ts')).eventsReplay,
  },
  {
    words: 'subscriptions list',
    summary: 'subscriptions as we hold them (--customer cus_… --status active --json)',
    load: async () => (await import('./commands/subscriptions.ts')).subscriptionsList,
  },
  {
    words: 'subscriptions create',
    summary: 'charged to the card on file: --customer cus_… --plan starter --project 7 | --price price_…',
    load: async () => (await import('./commands/subscriptions.ts')).subscriptionsCreate,
  },
  {
    words: 'subscriptions cancel',
    summary: 'subscriptions cancel <no or sub_…> (--now, --feedback too_expensive, --comment …)',
    load: async () => (await import('./commands/subscriptions.ts')).subscriptionsCancel,
  },
  {
    words: 'subscriptions reactivate',
    summary: 'take back a cancellation before its end: subscriptions reactivate <no or sub_…>',
    load: async () => (await import('./commands/subscriptions.ts')).subscriptionsReactivate,
  },
  {
    words: 'subscriptions pause',
    summary: 'no invoices and no new periods: subscriptions pause <no or sub_…>',
    load: async () => (await import('./commands/subscriptions.ts')).subscriptionsPause,
  },
  {
    words: 'subscriptions resume',
    summary: 'a new period begins and is charged: subscriptions resume <no or sub_…>',
    load: async () => (await import('./commands/subscriptions.ts')).subscriptionsResume,
  },
  {
    words: 'subscriptions trial',
    summary: 'prolong a trial or end it: subscriptions trial <no or sub_…> --end 2027-01-31 | --end now',
    load: async () => (await import('./commands/subscriptions.ts')).subscriptionsTrial,
  },
  {
    words: 'subscriptions keep-plan',
    summary: 'drop a change arranged for the end of the period: subscriptions keep-plan <no or sub_…>',
    load: async () => (await import('./commands/subscriptions.ts')).subscriptionsKeepPlan,
  },
  {
    words: 'subscriptions suspensions',
    summary: 'why it is suspended: subscriptions suspensions <no or sub_…> [--lift] gives it back',
    load: async () => (await import('./commands/suspensions.ts')).subscriptionsSuspensions,
  },
  {
    words: 'lifecycle list',
    summary: 'what will happen to the access and data of people who left, and when (--all, --json)',
    load: async () => (await import('./commands/lifecycle.ts')).lifecycleList,
  },
  {
    words: 'lifecycle tick',
    summary: 'begin what is due now, without waiting for the clock',
    load: async () => (await import('./commands/lifecycle.ts')).lifecycleTick,
  },
  {
    words: 'lifecycle hold',
    summary: 'legal hold, nothing is deleted: lifecycle hold <no, sub_… or org_5> --reason "…"',
    load: async () => (await import('./commands/lifecycle.ts')).lifecycleHold,
  },
  {
    words: 'lifecycle release',
    summary: 'end a legal hold: lifecycle release <no, sub_… or org_5>',
    load: async () => (await import('./commands/lifecycle.ts')).lifecycleRelease,
  },
  {
    words: 'lifecycle undo',
    summary: 'give access back after the end, until the deletion: lifecycle undo <no or sub_…>',
    load: async () => (await import('./commands/lifecycle.ts')).lifecycleUndo,
  },
  {
    words: 'lifecycle renew',
    summary:
      'make anew what a living customer lost: a deleted bucket, key or user: lifecycle renew <no or sub_…>',
    load: async () => (await import('./commands/lifecycle.ts')).lifecycleRenew,
  },
  {
    words: 'lifecycle end',
    summary: 'end again what was undone: lifecycle end <no or sub_…>',
    load: async () => (await import('./commands/lifecycle.ts')).lifecycleEnd,
  },
  {
    words: 'erase person',
    summary: 'erasure on request, everywhere, with a report: erase person <email> (--dry-run)',
    load: async () => (await import('./commands/erase.ts')).erasePerson,
  },
  {
    words: 'erase organisation',
    summary: 'the same of an organisation whose subscriptions are over: erase organisation <no>',
    load: async () => (await import('./commands/erase.ts')).eraseOrganisation,
  },
  {
    words: 'erase list',
    summary: 'erasures so far, and those under way',
    load: async () => (await import('./commands/erase.ts')).eraseList,
  },
  {
    words: 'erase show',
    summary: 'the report of one: erase show <no>',
    load: async () => (await import('./commands/erase.ts')).eraseShow,
  },
  {
    words: 'credentials reissue',
    summary: 'new credentials links by mail, old ones end: credentials reissue <no or sub_…>',
    load: async () => (await import('./commands/credentials.ts')).credentialsReissue,
  },
  {
    words: 'credentials revoke',
    summary: 'end all credentials links: credentials revoke <no or sub_…>',
    load: async () => (await import('./commands/credentials.ts')).credentialsRevoke,
  },
  {
    words: 'secrets reseal',
    summary: 'after a new first CONNECTOR_SECRET: seal everything anew under it',
    load: async () => (await import('./commands/secrets.ts')).secretsReseal,
  },
  {
    words: 'sync',
    summary: 'what changed since last time; sync cus_… | --full: compare all, mend, report (--dry-run)',
    load: async () => (await import('./commands/sync.ts')).runSync,
  },
  {
    words: 'import',
    summary: 'take over subscriptions made before us or in the Dashboard (--dry-run)',
    load: async () => (await import('./commands/sync.ts')).runImport,
  },
  {
    words: 'backfill',
    summary: 'fetch events Stripe could not deliver (--since <date>, --dry-run), and how many are here',
    load: async () => (await import('./commands/backfill.ts')).runBackfill,
  },
  {
    words: 'doctor',
    summary: 'will this installation work? looks at every system (--embedded, --json)',
    load: async () => (await import('./commands/doctor.ts')).runDoctor,
    wholeConfig: true,
  },
  {
    words: 'mappings check',
    summary: 'the mapping files against their schemas and the live ERP (--files-only, --json)',
    load: async () => (await import('./commands/mappings-check.ts')).runMappingsCheck,
    wholeConfig: true,
  },
  {
    words: 'openapi',
    summary: 'print the billing API as OpenAPI 3.1 (served at /openapi.json, readable at /docs)',
    load: async () => (await import('./commands/openapi.ts')).printOpenApi,
  },
  {
    words: 'docs env',
    summary: 'print .env.example',
    load: async () => (await import('./commands/docs-env.ts')).docsEnv,
  },
  {
    words: 'docs events',
    summary: 'print the table of Stripe events (docs/events.md)',
    load: async () => (await import('./commands/docs-events.ts')).docsEvents,
  },
  {
    words: 'docs runs',
    summary: 'print the table of runs and steps (docs/runs.md)',
    load: async () => (await import('./commands/docs-runs.ts')).docsRuns,
  },
];

async function main(argv: readonly string[]): Promise<number> {
  const entry = COMMANDS.find(({ words }) => words.split(' ').every((word, index) => argv[index] === word));
  if (entry === undefined) {
    console.log(usage(argv));
    return argv.length === 0 || argv.includes('--help') ? 0 : 2;
  }
  if (argv.includes('--help')) {
    console.log(written(entry));
    return 0;
  }
  const command = await entry.load();
  const env = entry.wholeConfig === true ? process.env : withFiles(process.env);
  try {
    return await command(argv.slice(entry.words.split(' ').length), env);
  } catch (error) {
    if (!isMistyped(error)) throw error;
    console.error(`${error.message}\n→ ${written(entry)}`);
    return 2;
  }
}

/** All commands, or those that begin as the one that was tried. */
function usage(argv: readonly string[]): string {
  const unknown =
    argv.length > 0 && !argv.includes('--help') ? [`No such command: ${argv.join(' ')}`, ''] : [];
  const alike = COMMANDS.filter(({ words }) => words.split(' ')[0] === argv[0]);
  const lines = (alike.length > 0 ? alike : COMMANDS).map(
    ({ words, summary }) => `  ${words.padEnd(24)} ${summary}`,
  );
  return [...unknown, 'npm run cli -- <command>', '', ...lines].join('\n');
}

const written = ({ words, summary }: Entry): string => `npm run cli -- ${words}: ${summary}`;

/** Node's own word for options it does not know, and ours for a missing argument. */
function isMistyped(error: unknown): error is Error {
  const { code } = error as { code?: unknown };
  return code === 'argument_missing' || (typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS'));
}

// `cli openapi | head`: whoever reads may stop reading.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ConnectorError)) throw error;
  console.error(`${error.message}${error.advice === undefined ? '' : `\n→ ${error.advice}`}`);
  process.exitCode = 1;
}
