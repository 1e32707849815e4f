/** What carrying out a step asks of the world around it. */
import type { Database } from '../../db/database.ts';
import type { System } from '../../errors.ts';
import type { Jobs } from '../../jobs/jobs.ts';
import type { Log } from '../../log.ts';
import type { ProviderReads } from '../facts.ts';
import type { OnTransition } from '../transitions.ts';
import type { DunningPolicy } from './policy.ts';

export interface DunningMail {
  readonly fact: string;
  readonly to: { readonly name: string; readonly email: string };
  readonly template: string;
  readonly locale: string;
  readonly data: Record<string, unknown>;
}

export interface CustomerActivity {
  readonly key: string;
  readonly orderId: number | null;
  readonly organisationId: number;
  readonly summary: string;
  /** One paragraph each, plain text. */
  readonly note: readonly string[];
  readonly deadline: Date | null;
}

export interface DunningDeps {
  readonly db: Database;
  readonly hold: Jobs['hold'];
  readonly policy: DunningPolicy;
  readonly reads: Pick<ProviderReads, 'invoice'>;
  readonly sendMail: (mail: DunningMail) => Promise<unknown>;
  /** @returns false: the ERP has no record of this customer yet */
  readonly openActivity: (activity: CustomerActivity) => Promise<boolean>;
  readonly closeActivity: (activity: { key: string }) => Promise<void>;
  /** Lets a call through when its system can be reached and is the one we belong to. */
  readonly guard: <T>(system: System, call: () => Promise<T>) => Promise<T>;
  /** Our records are behind: has the customer read anew. */
  readonly syncNow: (customerId: string) => Promise<void>;
  readonly onTransition: OnTransition;
  readonly log: Log;
  readonly now: () => Date;
}
