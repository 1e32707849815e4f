/** What an erasure works with. */
import type { Catalogue } from '../../billing/catalogue.ts';
import type { Crm } from '../../crm/crm.ts';
import type { Database } from '../../db/database.ts';
import type { System } from '../../errors.ts';
import type { LifecyclePolicy } from '../lifecycle/policy.ts';
import type { ObjectStorage } from '../ports.ts';

export interface ErasureDeps {
  readonly db: Database;
  readonly catalogue: Catalogue;
  readonly crm: Crm;
  readonly storage: ObjectStorage;
  /** @throws ConnectorError conflict `subscription_alive` */
  readonly deleteCustomer: (customerId: string) => Promise<void>;
  readonly guard: <T>(system: System, call: () => Promise<T>) => Promise<T>;
  readonly lifecycle: LifecyclePolicy;
  readonly now: () => Date;
}
