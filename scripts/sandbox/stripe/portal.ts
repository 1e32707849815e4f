/** The customer portal. https://docs.stripe.com/api/customer_portal/configurations and /sessions */
import type Stripe from 'stripe';
import type { Core } from './core.ts';
import { invalid, missing } from './errors.ts';
import { newId, randomText } from './ids.ts';
import { newestFirst, type Paging, page } from './list.ts';
import { customerOf } from './lookup.ts';
import { mergeMetadata } from './metadata.ts';
import { any, flag, map, object, PAGING, required, text } from './params.ts';
import type { Plain, PortalConfiguration, PortalSession } from './plain.ts';
import { BLANK, blanksToNull, FEATURES, featuresOf } from './portal-features.ts';
import { route } from './route.ts';
import { update } from './update.ts';

type Create = Plain<Stripe.BillingPortal.ConfigurationCreateParams>;
type Update = Plain<Stripe.BillingPortal.ConfigurationUpdateParams>;
type List = Paging & { active?: boolean; is_default?: boolean };
type SessionCreate = Plain<Stripe.BillingPortal.SessionCreateParams>;

const FIELDS = {
  features: FEATURES,
  business_profile: object({ headline: text, privacy_policy_url: text, terms_of_service_url: text }),
  default_return_url: text,
  login_page: object({ enabled: required(flag) }),
  metadata: map,
  name: text,
};

export const portalRoutes = [
  route<Create>(
    'POST',
    '/v1/billing_portal/configurations',
    { ...FIELDS, features: required(FEATURES) },
    ({ core, params }) => createConfiguration(core, params),
  ),
  route('GET', '/v1/billing_portal/configurations/:id', {}, ({ core, id }) => configurationOf(core, id)),
  route<Update>(
    'POST',
    '/v1/billing_portal/configurations/:id',
    { ...FIELDS, active: flag },
    ({ core, id, params }) => {
      const current = configurationOf(core, id);
      const event = 'billing_portal.configuration.updated';
      return update(core, core.tables.portalConfigurations, event, current, {
        ...(params.active !== undefined && { active: params.active }),
        ...(params.features && { features: featuresOf(current.features, params.features) }),
        ...(params.business_profile && {
          business_profile: { ...current.business_profile, ...blanksToNull(params.business_profile) },
        }),
        ...(params.default_return_url !== undefined && {
          default_return_url: params.default_return_url || null,
        }),
        ...(params.name !== undefined && { name: params.name || null }),
        ...(params.metadata !== undefined && { metadata: mergeMetadata(current.metadata, params.metadata) }),
        updated: core.now(),
      });
    },
  ),
  route<List>(
    'GET',
    '/v1/billing_portal/configurations',
    { ...PAGING, active: flag, is_default: flag },
    ({ core, params, path }) =>
      page(
        newestFirst(core.tables.portalConfigurations.all()).filter(
          (one) =>
            (params.active === undefined || one.active === params.active) &&
            (params.is_default === undefined || one.is_default === params.is_default),
        ),
        params,
        path,
      ),
  ),
  route<SessionCreate>(
    'POST',
    '/v1/billing_portal/sessions',
    { customer: required(text), return_url: text, configuration: text, flow_data: any, locale: text },
    ({ core, params }) => createSession(core, params),
  ),
];

function configurationOf(core: Core, id: string, param = 'id'): PortalConfiguration {
  const configuration = core.tables.portalConfigurations.get(id);
  if (!configuration) throw missing('configuration', id, param);
  return configuration;
}

function createConfiguration(core: Core, params: Create): PortalConfiguration {
  const configuration: PortalConfiguration = {
    id: newId('bpc'),
    object: 'billing_portal.configuration',
    active: true,
    application: null,
    business_profile: {
      headline: null,
      privacy_policy_url: null,
      terms_of_service_url: null,
      ...blanksToNull(params.business_profile ?? {}),
    },
    created: core.now(),
    default_return_url: params.default_return_url || null,
    features: featuresOf(BLANK, params.features),
    is_default: core.tables.portalConfigurations.count() === 0,
    livemode: false,
    login_page: { enabled: params.login_page?.enabled ?? false, url: null },
    metadata: mergeMetadata(null, params.metadata),
    name: params.name || null,
    updated: core.now(),
  };
  core.tables.portalConfigurations.put(configuration.id, configuration);
  core.emit('billing_portal.configuration.created', configuration);
  return configuration;
}

function createSession(core: Core, params: SessionCreate): PortalSession {
  customerOf(core, params.customer ?? '');
  const configuration = params.configuration
    ? configurationOf(core, params.configuration, 'configuration')
    : core.tables.portalConfigurations.all().find((one) => one.is_default);
  if (!configuration) {
    throw invalid('No configuration provided and your test mode default configuration has not been created.');
  }
  const id = newId('bps');
  const session: PortalSession = {
    id,
    object: 'billing_portal.session',
    configuration: configuration.id,
    created: core.now(),
    customer: params.customer ?? '',
    customer_account: null,
    flow: (params.flow_data ?? null) as PortalSession['flow'],
    livemode: false,
    locale: params.locale ?? null,
    on_behalf_of: null,
    return_url: params.return_url ?? configuration.default_return_url,
    url: `${core.url()}/p/session/${id}_${randomText(16)}`,
  };
  core.tables.portalSessions.put(id, session);
  core.emit('billing_portal.session.created', session);
  return session;
}
