/** The billing API and page over a real port: paid subscriptions in the sandbox's Stripe, real mail, tokens of their organisations. */

import { issueOrganisationToken } from '../../../connector/billing/organisation-token.ts';
import { createDomainCheck } from '../../../connector/domains/domain-check.ts';
import { assetsRouter } from '../../../connector/http/assets.ts';
import { openApiRouter } from '../../../connector/http/billing/openapi-router.ts';
import { billingPageRouter } from '../../../connector/http/billing/page/router.ts';
import { billingRouter } from '../../../connector/http/billing/router.ts';
import { createHttpServer } from '../../../connector/http/server.ts';
import { createLog } from '../../../connector/log.ts';
import { createMailer } from '../../../connector/mail/mailer.ts';
import { loadTemplates } from '../../../connector/mail/templates.ts';
import { createVault } from '../../../connector/secrets/vault.ts';
import { createAddOnGateway } from '../../../connector/stripe/add-ons.ts';
import { createAccountGateway } from '../../../connector/stripe/billing-account.ts';
import { createInvoicePayments } from '../../../connector/stripe/invoice-payments.ts';
import { createUsageGateway } from '../../../connector/stripe/usage.ts';
import { startScene } from '../../billing/commands/scene.ts';
import { CONNECTOR_SECRET } from '../../support/front.ts';
import { conforms } from './conforms.ts';

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export type BillingScene = Awaited<ReturnType<typeof startBilling>>;

export async function startBilling(
  options: {
    perMinute?: number;
    loginsPerMinute?: number;
    lines?: string[];
    catalogueFile?: string;
    trialDays?: number;
    /** Lanes that are busy elsewhere: what a command has changed is mirrored when the test syncs. */
    lanesBusy?: boolean;
  } = {},
) {
  const { lines, catalogueFile, trialDays } = options;
  const scene = await startScene({
    ...(catalogueFile !== undefined && { catalogueFile }),
    ...(trialDays !== undefined && { trialDays }),
  });
  const log = lines
    ? createLog({ level: 'debug', destination: { write: (line: string) => void lines.push(line) } })
    : createLog({ level: 'silent' });
  const mailer = createMailer({
    db: scene.db,
    smtpUrl: scene.world.urls.smtp,
    from: 'CDE <cde@connect.example>',
    templates: loadTemplates('templates'),
    log,
    now: scene.deps.now,
  });
  const erased: number[] = [];
  const erasing = { takesLonger: false };
  const start = (publicUrl: string, port: number) => {
    const billing = {
      ...scene.deps,
      log,
      vault: createVault([CONNECTOR_SECRET]),
      mailer,
      commands: {
        ...scene.deps,
        ...(options.lanesBusy === true && { syncNow: async () => {} }),
        connectorSecrets: [CONNECTOR_SECRET],
        addOns: createAddOnGateway(scene.stripe),
        domains: createDomainCheck({ rdapUrl: scene.world.urls.rdap }),
        usage: createUsageGateway(scene.stripe),
        payments: createInvoicePayments(scene.stripe),
        onTransition: scene.onTransition,
      },
      account: createAccountGateway(scene.stripe),
      eraseOrganisation: async (organisationId: number) => {
        erased.push(organisationId);
        return { id: 1, finished: !erasing.takesLonger, entries: [] };
      },
      publicUrl,
      connectorSecrets: [CONNECTOR_SECRET],
      site: scene.catalogue.name,
      stripeApiUrl: scene.world.urls.stripe,
      perMinute: options.perMinute ?? 10_000,
      ...(options.loginsPerMinute !== undefined && { loginsPerMinute: options.loginsPerMinute }),
    };
    return createHttpServer({
      log,
      publicUrl,
      trustProxy: '1',
      health: { checks: async () => ({ database: true }), metrics: async () => [] },
      routers: [assetsRouter(), billingRouter(billing), openApiRouter(publicUrl), billingPageRouter(billing)],
    }).listen(port, '127.0.0.1');
  };
  const first = await start('http://127.0.0.1', 0);
  await first.close();
  const server = await start(first.url, first.port);

  const organisationOf = async (customerId: string): Promise<number> => {
    const { rows } = await scene.db.query<{ id: number }>(
      'select id from organisations where provider_customer_id = $1',
      [customerId],
    );
    return rows[0]!.id;
  };
  const token = (organisationId: number, seconds?: number) =>
    issueOrganisationToken(
      { connectorSecrets: [CONNECTOR_SECRET], now: scene.deps.now },
      organisationId,
      seconds,
    );

  return {
    ...scene,
    api: server.url,
    /** Organisations whose erasure was asked for. */
    erased,
    /** Whether an erasure is not over when it is answered. */
    erasing,
    token,
    /** A paid subscription, its organisation and a token of it. */
    async customer(order: Record<string, unknown> = {}) {
      const bought = await scene.buy(order);
      const organisationId = await organisationOf(bought.customerId);
      return { ...bought, organisationId, token: token(organisationId) };
    },
    /** A call of the API; a body is sent as JSON. */
    async call<Body = Record<string, unknown>>(
      method: string,
      path: string,
      input: {
        token?: string;
        body?: unknown;
        headers?: Record<string, string>;
        /** No route of ours. */
        undocumented?: boolean;
      } = {},
    ): Promise<Answer<Body>> {
      const whole = `${path.startsWith('/api/') ? '' : '/api/v1/billing'}${path}`;
      const answer = await fetch(`${server.url}${whole}`, {
        method,
        headers: {
          ...(input.token !== undefined && { authorization: `Bearer ${input.token}` }),
          ...(input.body !== undefined && { 'content-type': 'application/json' }),
          ...input.headers,
        },
        ...(input.body !== undefined && { body: JSON.stringify(input.body) }),
      });
      const text = await answer.text();
      const { status, headers: said } = answer;
      const body = (text === '' ? null : JSON.parse(text)) as Body;
      if (input.undocumented !== true) conforms(method, whole, { status, headers: said, body });
      return { status, headers: said, body };
    },
    stop: async () => {
      await server.close(100);
      mailer.close();
      await scene.stop();
    },
  };
}
