/** What the billing page shows, gathered for one organisation. */
import type { BillingCustomer, UpcomingInvoice } from '../../../billing/account/gateway.ts';
import { type AccountInvoice, type InvoicePage, invoicesOf } from '../../../billing/account/invoices.ts';
import type { AccountOrganisation } from '../../../billing/account/organisation.ts';
import { type AccountSubscription, subscriptionsOf } from '../../../billing/account/subscriptions.ts';
import type { Catalogue } from '../../../billing/catalogue.ts';
import type { OwnedAddOn } from '../../../billing/commands/addon-gateway.ts';
import type { LiveSubscription } from '../../../billing/commands/subscription-gateway.ts';
import { hasEnded } from '../../../billing/has-ended.ts';
import { asConnectorError } from '../../../errors.ts';
import type { Language } from '../../field-texts.ts';
import { ownedAddOns } from '../addon-routes.ts';
import { fresh } from '../bodies.ts';
import { readLive } from '../live.ts';
import type { BillingDeps } from '../route.ts';

export interface ShownSubscription {
  readonly row: AccountSubscription;
  readonly live: LiveSubscription | undefined;
  readonly addOns: readonly OwnedAddOn[];
  readonly ended: boolean;
  /** null: nothing more will be billed; undefined: not asked, or the provider is away. */
  readonly upcoming: UpcomingInvoice | null | undefined;
  /** An invoice of it that waits for its payment. */
  readonly unpaid: AccountInvoice | undefined;
}

export interface BillingView {
  readonly site: string;
  readonly language: Language;
  readonly catalogue: Catalogue;
  readonly organisation: AccountOrganisation;
  readonly subscriptions: readonly ShownSubscription[];
  readonly invoices: InvoicePage;
  /** undefined: the provider could not be asked. */
  readonly customer: BillingCustomer | null | undefined;
  /** A code of the notes' texts. */
  readonly note: string | undefined;
}

const INVOICES = 12;
// Beyond this many living ones, the provider is not asked about each: what we were told last is shown.
const ASKED = 5;

export async function billingView(
  deps: BillingDeps & { readonly site: string },
  input: {
    organisation: AccountOrganisation;
    language: Language;
    cursor: string | undefined;
    note: string | undefined;
  },
): Promise<BillingView> {
  const { organisation, language, cursor, note } = input;
  const { db } = deps.commands;
  const rows = await subscriptionsOf(db, organisation.id);
  const newest = (await invoicesOf(db, organisation.id, { limit: INVOICES }))!;
  const older =
    cursor === undefined ? undefined : await invoicesOf(db, organisation.id, { limit: INVOICES, cursor });
  const invoices = older ?? newest;
  const living = rows.filter((row) => !hasEnded(row)).slice(0, ASKED);
  const [customer, ...lives] = await Promise.all([
    organisation.customerId === null
      ? null
      : orNothing(() => deps.account.customer(organisation.customerId!)),
    ...living.map((row) => readLive(deps, row)),
  ]);
  const [owned, upcoming] = await Promise.all([
    Promise.all(
      living.map((row) => orNothing(() => ownedAddOns(deps, organisation.customerId, row.providerId))),
    ),
    Promise.all(
      living.map(({ providerId: subscriptionId, status }, index) =>
        orNothing(async () =>
          status === 'paused'
            ? null
            : deps.account.upcomingInvoice({
                subscriptionId,
                scheduleId: lives[index]?.scheduled?.scheduleId ?? null,
              }),
        ),
      ),
    ),
  ]);
  const subscriptions = rows.map((row) => {
    const live = lives[living.indexOf(row)];
    const now = live === undefined ? row : { ...row, ...fresh(live) };
    const unpaid = newest.invoices.find(
      ({ subscriptionId, status }) => subscriptionId === row.id && status === 'open',
    );
    const addOns = owned[living.indexOf(row)] ?? [];
    return {
      row: now,
      live,
      addOns,
      ended: hasEnded(now),
      upcoming: upcoming[living.indexOf(row)],
      unpaid,
    };
  });
  const { catalogue, site } = deps;
  return { site, language, catalogue, organisation, subscriptions, invoices, customer, note };
}

/** Only shown, so the page does without it. @returns undefined: the provider could not be asked, or does not say */
async function orNothing<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (thrown) {
    const { kind } = asConnectorError(thrown);
    if (kind === 'bug' || kind === 'conflict') throw thrown;
    return undefined;
  }
}
