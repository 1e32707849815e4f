/** /api/v1/admin/lifecycle: what becomes of people who left, when, and how operators stop or undo it. */
import { type Router, raw } from 'express';
import type { Holdable } from '../provisioning/lifecycle/hold.ts';
import type { ListedStage } from '../provisioning/lifecycle/list.ts';
import { fieldsOf } from './optional-body.ts';
import { requestError } from './problem.ts';

export interface LifecycleAdmin {
  list(filter: { all: boolean; limit: number }): Promise<readonly ListedStage[]>;
  /** Begins what is due now. @returns how many stages */
  tick(): Promise<number>;
  /** @param reason null: released @throws ConnectorError absent */
  hold(of: Holdable, reason: string | null): Promise<void>;
  /** @returns the run that restores @throws ConnectorError conflict `nothing_to_undo`, `deletion_begun` */
  undo(subscriptionId: number): Promise<string>;
  /** Makes anew what is gone outside. @returns the run @throws ConnectorError conflict `nothing_to_renew` */
  renew(subscriptionId: number): Promise<string>;
  /** Ends again what was undone. @throws ConnectorError conflict `nothing_to_end` */
  end(subscriptionId: number): Promise<string>;
  /** Our number. @throws ConnectorError absent `subscription_not_found` */
  find(named: string): Promise<number>;
}

const LIMIT = 1000;

export function lifecycleRoutes(api: Router, admin: LifecycleAdmin): void {
  const body = raw({ type: () => true, limit: '4kb' });
  api.get('/lifecycle', async (req, res) => {
    res.json({ stages: await admin.list({ all: req.query.all === 'true', limit: LIMIT }) });
  });
  api.post('/lifecycle/tick', async (_req, res) => {
    res.json({ begun: await admin.tick() });
  });
  api.post('/lifecycle/:named/hold', body, async (req, res) => {
    const { reason } = fieldsOf(req);
    if (typeof reason !== 'string' || reason.trim() === '' || reason.length > 500)
      throw requestError('invalid_request', 'reason: say in up to 500 characters why.');
    await admin.hold(await holdable(admin, req.params.named!), reason.trim());
    res.json({ held: true });
  });
  api.post('/lifecycle/:named/release', async (req, res) => {
    await admin.hold(await holdable(admin, req.params.named!), null);
    res.json({ held: false });
  });
  api.post('/lifecycle/:named/undo', async (req, res) => {
    res.status(202).json({ run: await admin.undo(await admin.find(req.params.named!)) });
  });
  api.post('/lifecycle/:named/renew', async (req, res) => {
    res.status(202).json({ run: await admin.renew(await admin.find(req.params.named!)) });
  });
  api.post('/lifecycle/:named/end', async (req, res) => {
    res.status(202).json({ run: await admin.end(await admin.find(req.params.named!)) });
  });
}

/** A subscription by our number or Stripe's id; an organisation as `org_5`. */
async function holdable(admin: LifecycleAdmin, named: string): Promise<Holdable> {
  const organisation = /^org_([1-9]\d{0,14})$/.exec(named)?.[1];
  return organisation === undefined
    ? { subscriptionId: await admin.find(named) }
    : { organisationId: Number(organisation) };
}
