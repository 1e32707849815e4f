/** /api/v1/admin/subscriptions/…/suspensions: what unpaid or disputed money took away, and giving it back. */
import type { Router } from 'express';
import type { Held } from '../billing/dunning/held.ts';

export interface SuspensionAdmin {
  /** Our number. @throws ConnectorError absent `subscription_not_found` */
  find(named: string): Promise<number>;
  /** Reasons not lifted yet. */
  held(subscriptionId: number): Promise<readonly Held[]>;
  /** @returns what had held it */
  lift(subscriptionId: number): Promise<readonly Held[]>;
}

export function suspensionRoutes(api: Router, admin: SuspensionAdmin): void {
  api.get('/subscriptions/:named/suspensions', async (req, res) => {
    res.json({ suspensions: await admin.held(await admin.find(req.params.named)) });
  });
  api.post('/subscriptions/:named/suspensions/lift', async (req, res) => {
    res.json({ lifted: await admin.lift(await admin.find(req.params.named)) });
  });
}
