/** /api/v1/admin: comparing everything with Stripe, taking over what is there, fetching missed events. */
import { type Router, raw } from 'express';
import type { DriftRow, PassDetails, PassKind, PassRow } from '../billing/passes/rows.ts';
import type { BackfillResult, BackfillWish } from '../inbox/backfill.ts';
import { dateOf } from './admin-records.ts';
import { fieldsOf } from './optional-body.ts';
import { requestError } from './problem.ts';

export interface PassesAdmin {
  begin(input: { kind: PassKind; dryRun: boolean }): Promise<PassRow>;
  show(id: number): Promise<PassDetails | undefined>;
  drifts(filter: { open?: boolean; limit: number }): Promise<readonly DriftRow[]>;
  /** Since the last time, or an operator's date. */
  backfill(wish: BackfillWish): Promise<BackfillResult>;
  tally(): Promise<{ hours: number; atStripe: number; here: number; missing: number }>;
}

const KINDS: readonly PassKind[] = ['full', 'import'];

export function passRoutes(api: Router, admin: PassesAdmin): void {
  const body = raw({ type: () => true, limit: '4kb' });
  api.post('/passes', body, async (req, res) => {
    const { kind, dry_run: dryRun = false } = fieldsOf(req);
    const known = KINDS.find((each) => each === kind);
    if (known === undefined || typeof dryRun !== 'boolean')
      throw requestError(
        'invalid_request',
        `kind must be one of ${KINDS.join(', ')}; dry_run true or false.`,
      );
    res.status(202).json(await admin.begin({ kind: known, dryRun }));
  });
  api.get('/passes/:id', async (req, res) => {
    const pass = /^[1-9]\d{0,14}$/.test(req.params.id) ? await admin.show(Number(req.params.id)) : undefined;
    if (pass === undefined)
      throw requestError('not_found', 'There is no such pass.', 'Begin one with "cli sync --full".');
    res.json(pass);
  });
  api.get('/drifts', async ({ query }, res) => {
    res.json({ drifts: await admin.drifts({ open: query.open === 'true', limit: 500 }) });
  });
  api.post('/backfill', body, async (req, res) => {
    const { since, dry_run: dryRun = false } = fieldsOf(req);
    if (typeof dryRun !== 'boolean') throw requestError('invalid_request', 'dry_run must be true or false.');
    const fetched = await admin.backfill({
      dryRun,
      ...(since !== undefined && { since: dateOf('since', since) }),
    });
    res.json({ ...fetched, last_day: await admin.tally() });
  });
  api.get('/backfill', async (_req, res) => {
    res.json({ last_day: await admin.tally() });
  });
}
