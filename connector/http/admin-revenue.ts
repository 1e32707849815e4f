/** GET /api/v1/admin/revenue: what recurs by tier and currency, what came in by month. */
import type { Router } from 'express';
import type { Revenue } from '../billing/revenue.ts';
import { requestError } from './problem.ts';

/** @param months how many, the present one among them */
export type ReadRevenue = (months: number) => Promise<Revenue>;

const MOST = 120;

export function revenueRoutes(api: Router, read: ReadRevenue): void {
  api.get('/revenue', async ({ query }, res) => {
    const months = Number(query.months ?? 12);
    if (!Number.isInteger(months) || months < 1 || months > MOST)
      throw requestError('invalid_request', `months must be a whole number from 1 to ${MOST}.`);
    res.json(await read(months));
  });
}
