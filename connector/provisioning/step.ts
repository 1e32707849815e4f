/** What a step's body gets, and how it looks. */
import type { Catalogue } from '../billing/catalogue.ts';
import type { Sale } from '../billing/sale.ts';
import type { Credentials } from '../credentials/credentials.ts';
import type { Crm } from '../crm/crm.ts';
import type { Database } from '../db/database.ts';
import type { Vault } from '../secrets/vault.ts';
import type { LifecyclePolicy } from './lifecycle/policy.ts';
import type { DocumentEngine, Mailer, ObjectStorage } from './ports.ts';
import type { OptionalResults, Results, StepResults } from './results.ts';
import type { StepName } from './step-plan.ts';

export interface StepDeps {
  readonly db: Database;
  readonly catalogue: Catalogue;
  readonly crm: Crm;
  readonly storage: ObjectStorage;
  readonly engine: DocumentEngine;
  readonly mailer: Mailer;
  readonly vault: Vault;
  readonly credentials: Credentials;
  /** Links by which people let their existing user in. */
  readonly acceptances: Credentials;
  /** Our database's uuid: keeps two installations' names apart. */
  readonly installation: string;
  /** Without a trailing slash. */
  readonly publicUrl: string;
  /** Where portal users log in: the ERP's address. */
  readonly portalUrl: string;
  /** `inline`: the storage key stands in the welcome mail itself. */
  readonly credentialsDelivery: 'link' | 'inline';
  readonly lifecycle: LifecyclePolicy;
  readonly now: () => Date;
}

export interface StepContext {
  readonly runId: string;
  readonly sale: Sale;
  readonly result: Results;
  readonly optional: OptionalResults;
}

export type StepBody<Name extends StepName> = (
  deps: StepDeps,
  context: StepContext,
) => Promise<StepResults[Name]>;
