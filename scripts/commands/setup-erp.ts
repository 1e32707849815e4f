/** `cli setup erp`: makes what the connector needs in Odoo, over RPC alone; run again, it finds nothing to do. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadOdooMapping } from '../../connector/crm/mapping.ts';
import { createLog } from '../../connector/log.ts';
import { createOdoo, type OdooTransport } from '../../connector/odoo/odoo.ts';
import { NEWEST_KNOWN, versionFacts } from '../../connector/odoo/versions/index.ts';
import { erpNudgeUrl } from '../../connector/secrets/erp-nudge-token.ts';
import { createStripe } from '../../connector/stripe/client.ts';
import { actionNames, actionSteps } from './erp/action-steps.ts';
import { adminKey } from './erp/admin-key.ts';
import { buttonNames, nudgeStep } from './erp/button-steps.ts';
import { readIds, type SetupContext, type Step } from './erp/context.ts';
import { groupStep } from './erp/group-step.ts';
import { indexStep } from './erp/index-step.ts';
import { keyStep } from './erp/key-step.ts';
import { linkFieldNames, linkFieldsStep } from './erp/link-fields.ts';
import { LOST_REASON, lostReasonStep } from './erp/lost-reason-step.ts';
import { modelNames, modelSteps } from './erp/model-steps.ts';
import { MODELS } from './erp/models.ts';
import { type PaymentProvider, paymentProviderStep } from './erp/payment-provider.ts';
import { removeErp } from './erp/remove.ts';
import { roleNames, roleStep } from './erp/role-step.ts';
import type { SetupOptions } from './erp/setup-options.ts';
import { uiPlans } from './erp/ui/plan.ts';
import { uiNames, uiSteps } from './erp/ui-steps.ts';
import { refuseForeignLogin, USER_NAME, userStep } from './erp/user-step.ts';
import { workspaceNames, workspaceSteps } from './erp/workspace-steps.ts';

export const SERVICE_LOGIN = 'stripe-connector';

/**
 * @returns what was made, or with `dryRun` would be; empty: nothing to do
 * @throws ConnectorError conflict `erp_login_taken`, permanent `odoo_version_unsupported`, and the ERP's refusals
 */
export async function setupErp(options: SetupOptions): Promise<readonly string[]> {
  const { odooAdmin: odoo, print } = options;
  const login = options.serviceLogin ?? SERVICE_LOGIN;
  const version = await odoo.version();
  const facts = versionFacts(version.major);
  if (version.major > NEWEST_KNOWN)
    print(
      `warning: Odoo ${version.text} is newer than any this was tested with, and is set up like Odoo ${NEWEST_KNOWN}`,
    );
  const names = [
    'group_connector',
    USER_NAME,
    LOST_REASON,
    ...roleNames,
    ...workspaceNames,
    ...actionNames,
    ...buttonNames,
    ...MODELS.flatMap(modelNames),
    ...linkFieldNames,
    ...uiNames(uiPlans(facts)),
  ];
  const context: SetupContext = { odoo, facts, ids: await readIds(odoo, names) };
  await refuseForeignLogin(context, login);
  const steps: (Step | undefined)[] = [
    groupStep(context),
    ...MODELS.flatMap((model) => modelSteps(context, model)),
    indexStep(context),
    linkFieldsStep(context),
    lostReasonStep(context),
    roleStep(context, options.mapping ?? loadOdooMapping()),
    ...actionSteps(context),
    nudgeStep(context, options.nudgeUrl),
    ...uiSteps(context),
    userStep(context, login),
    ...(await workspaceSteps(context)),
    keyStep(context, options, login),
    options.paymentProvider && (await paymentProviderStep(context, options.paymentProvider, print)),
  ];
  const changes: string[] = [];
  // Set up before, as a rule nothing is wrong: all is looked at side by side, and one after the other only if something is.
  const asked = context.ids.has(USER_NAME) ? steps.map((step) => step?.needed() ?? false) : [true];
  const differs = (await Promise.all(asked)).some((needed) => needed !== false);
  for (const step of differs ? steps : []) {
    const needed = (await step?.needed()) ?? false;
    if (step === undefined || needed === false) continue;
    if (options.dryRun !== true) await step.apply();
    const change = needed === true ? step.title : `${step.title}: ${needed}`;
    changes.push(change);
    print(`${options.dryRun === true ? 'would make' : 'made'}: ${change}`);
  }
  if (changes.length === 0) print('nothing to do');
  return changes;
}

/** @returns the exit code: 2 for a wrong command line */
export async function runSetupErp(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      'key-file': { type: 'string' },
      'admin-key-file': { type: 'string' },
      'admin-login': { type: 'string', default: env.ODOO_ADMIN_USERNAME ?? 'admin' },
      login: { type: 'string', default: env.ODOO_USERNAME ?? SERVICE_LOGIN },
      'key-days': { type: 'string', default: '365' },
      'dry-run': { type: 'boolean', default: false },
      'renew-key': { type: 'boolean', default: false },
      remove: { type: 'boolean', default: false },
      purge: { type: 'boolean', default: false },
      'payment-provider': { type: 'boolean', default: false },
      'public-url': { type: 'string', default: env.PUBLIC_URL ?? '' },
    },
  });
  const { ODOO_URL: url, ODOO_DB: db } = env;
  if (!url || !db) {
    console.error('setup erp needs ODOO_URL and ODOO_DB in the environment.');
    return 2;
  }
  // What is to be said here is printed.
  const log = createLog({ level: 'error' });
  const transport = (env.ODOO_TRANSPORT ?? 'auto') as OdooTransport;
  const odooAs = (username: string, apiKey: string) =>
    createOdoo({ url, db, username, apiKey, transport, log });
  const { 'key-file': keyFile, 'renew-key': renewKey, 'dry-run': dryRun } = values;
  if (renewKey && keyFile === undefined) {
    console.error('--renew-key needs --key-file <file>: the new key is written there.');
    return 2;
  }
  const { remove, purge } = values;
  if (purge && !remove) {
    console.error('--purge goes with --remove only.');
    return 2;
  }
  const odooAdmin = odooAs(values['admin-login'], await adminKey(values['admin-key-file'], env));
  const keyDays = Number(values['key-days']);
  if (!(Number.isInteger(keyDays) && keyDays > 0)) {
    console.error('--key-days takes a whole number of days, at least 1.');
    return 2;
  }
  const print = (line: string) => console.log(line);
  const stripe = stripeFrom(env);
  if (remove) {
    await removeErp({ odooAdmin, dryRun, purge, print, ...(stripe && { stripe: stripe.stripe }) });
    return 0;
  }
  if (values['payment-provider'] && stripe === undefined) {
    console.error(
      '--payment-provider needs STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY in the environment.',
    );
    return 2;
  }
  if (values['payment-provider'] && stripe?.livemode !== stripe?.publishableKey.startsWith('pk_live_')) {
    console.error('STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY are of two modes: take both from one.');
    return 2;
  }
  const nudgeUrl = nudgeUrlFrom(values['public-url'], env.CONNECTOR_SECRET);
  await setupErp({
    odooAdmin,
    odooAs,
    ...(env.MAPPINGS_DIR && { mapping: loadOdooMapping(join(env.MAPPINGS_DIR, 'odoo.json')) }),
    ...(keyFile !== undefined && { keyFile }),
    ...(nudgeUrl !== undefined && { nudgeUrl }),
    ...(values['payment-provider'] && stripe !== undefined && { paymentProvider: stripe }),
    dryRun,
    renewKey,
    keyDays,
    serviceLogin: values.login,
    print,
  });
  if (nudgeUrl === undefined)
    console.log(
      'No PUBLIC_URL and CONNECTOR_SECRET given: buttons work, but the connector is not told of a press; it looks every 15 s.',
    );
  if (keyFile === undefined) console.log('No --key-file given: no API key was made for the service’s user.');
  return 0;
}

function nudgeUrlFrom(publicUrl: string, connectorSecrets: string | undefined): string | undefined {
  const secret = connectorSecrets?.split(',')[0]?.trim();
  return publicUrl !== '' && secret ? erpNudgeUrl(publicUrl, secret) : undefined;
}

/** @returns undefined without both keys */
function stripeFrom(env: NodeJS.ProcessEnv): PaymentProvider | undefined {
  const { STRIPE_SECRET_KEY: secretKey, STRIPE_PUBLISHABLE_KEY: publishableKey } = env;
  if (!secretKey || !publishableKey) return undefined;
  const stripe = createStripe({ secretKey, apiUrl: env.STRIPE_API_URL });
  return { stripe, secretKey, publishableKey, livemode: /^(sk|rk)_live_/.test(secretKey) };
}
