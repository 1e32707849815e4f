/** A subscription with money in trouble, worked off by the real worker; Stripe, mail server and ERP answer as the test says. */
import type { DunningPolicy } from '../../connector/billing/dunning/policy.ts';
import { loadDunningPolicy } from '../../connector/billing/dunning/policy.ts';
import type { CustomerActivity, DunningDeps, DunningMail } from '../../connector/billing/dunning/ports.ts';
import { type DunningWork, planSteps } from '../../connector/billing/dunning/steps.ts';
import { createDunning } from '../../connector/billing/dunning/worker.ts';
import type { InvoiceFact } from '../../connector/billing/facts.ts';
import type { Transition } from '../../connector/billing/transitions.ts';
import { createLog } from '../../connector/log.ts';
import type { TestDatabase } from '../support/database.ts';
import { seedSale } from '../support/seed.ts';

export const NOW = new Date('2026-11-21T12:00:00Z');
export const SHIPPED_POLICY = loadDunningPolicy(new URL('../../mappings/dunning.json', import.meta.url));

/** An open invoice of 250 dollars whose first try failed. */
export const openInvoice = (change: Partial<InvoiceFact> = {}): InvoiceFact => ({
  providerId: 'in_1',
  subscriptionProviderId: 'sub_1',
  number: 'A-2',
  status: 'open',
  billingReason: 'subscription_cycle',
  currency: 'usd',
  amountDue: 25_000,
  amountPaid: 0,
  total: 25_000,
  attemptCount: 1,
  nextPaymentAttempt: null,
  hostedInvoiceUrl: 'https://invoice.stripe.com/i/x',
  invoicePdf: null,
  created: NOW,
  paidAt: null,
  finalizedAt: NOW,
  chargedAutomatically: true,
  amountCredited: 0,
  payments: [],
  paymentState: 'failed',
  ...change,
});

type Work = Omit<DunningWork, 'name' | 'day'> & { readonly name?: string };

type Ports = Pick<DunningDeps, 'reads' | 'sendMail' | 'openActivity' | 'closeActivity' | 'now'>;

interface Doing extends Partial<Ports> {
  readonly policy?: Partial<DunningPolicy>;
  /** As Stripe has it; null: it has none of that id. */
  readonly invoice?: Partial<InvoiceFact> | null;
  /** The job was taken away: another instance has it. */
  readonly aborted?: boolean;
}

export async function inTrouble(
  db: TestDatabase,
  { status = 'past_due', kind = 'in' }: { status?: string; kind?: 'in' | 'du' } = {},
) {
  const sale = await seedSale(db, { status });
  const { subscriptionId } = sale;
  await db.query("update subscriptions set access = 'provisioned' where id = $1", [subscriptionId]);
  const about = `${kind}_${subscriptionId}`;
  const rows = async <T>(text: string, params: readonly unknown[]): Promise<readonly T[]> =>
    (await db.query<T>(text, params)).rows;
  return {
    ...sale,
    about,
    /** Due now, in this order. */
    plan: (...steps: readonly Work[]) =>
      db.tx((tx) => {
        const planned = steps.map((work, index) => ({
          work: { name: `step_${index}`, day: 0, ...work },
          dueAt: NOW,
        }));
        return planSteps(tx, { subscriptionId, about, steps: planned });
      }),
    /** Works off once what is due. @returns whom it reached, and what our rows say then */
    async workOff({ policy, invoice = {}, aborted = false, ...ports }: Doing = {}) {
      const mails: DunningMail[] = [];
      const activities: CustomerActivity[] = [];
      const synced: string[] = [];
      const transitions: Transition[] = [];
      const log: string[] = [];
      const dunning = createDunning({
        db,
        hold: async () => {},
        policy: { ...SHIPPED_POLICY, ...policy },
        reads: {
          invoice: async () => (invoice === null ? null : openInvoice({ providerId: about, ...invoice })),
        },
        sendMail: async (mail) => void mails.push(mail),
        async openActivity(activity) {
          activities.push(activity);
          return true;
        },
        closeActivity: async () => {},
        guard: (_system, call) => call(),
        syncNow: async (customerId) => void synced.push(customerId),
        onTransition: async (_tx, each) => void transitions.push(each),
        log: createLog({ level: 'info', destination: { write: (line: string) => void log.push(line) } }),
        now: () => NOW,
        ...ports,
      });
      const signal = aborted ? AbortSignal.abort() : new AbortController().signal;
      await dunning.handle({ key: about, signal } as Parameters<typeof dunning.handle>[0]);
      return {
        mails,
        activities,
        synced,
        log,
        transitions: transitions.map(({ kind: each }) => each),
        isDue: await dunning.hasWork!(db, about),
        steps: await rows<{ outcome: unknown; done: boolean; attempts: number; retryAt: Date | null }>(
          `select outcome, done_at is not null as done, attempts, retry_at as "retryAt" from dunning_steps
            where about = $1 order by id`,
          [about],
        ),
        suspensions: await rows<{ level: string }>(
          'select level from suspensions where about = $1 and lifted_at is null',
          [about],
        ),
        access: (
          await rows<{ access: string }>('select access from subscriptions where id = $1', [subscriptionId])
        )[0]!.access,
      };
    },
  };
}
