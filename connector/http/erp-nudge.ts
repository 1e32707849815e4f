/**
 * `POST /webhooks/erp/<token>`: the ERP says that staff have pressed a button. Odoo does not sign its webhooks, so
 * nothing of the body is believed, nor read: the rows in the ERP tell what was asked. Always 204, whatever the token.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Router } from 'express';
import type { Log } from '../log.ts';
import { erpNudgeToken } from '../secrets/erp-nudge-token.ts';
import { equalSecret } from '../secrets/token.ts';
import { rateLimit } from './rate-limit.ts';

const PER_MINUTE = 120;
/**
 * Odoo sends the nudge after the commit and waits for it up to a second, the browser with it: answered in that time, the
 * dialog that opens next shows the outcome already.
 */
const HELD_MS = 800;

export function erpNudgeRouter(deps: {
  readonly log: Log;
  /** Each may have made the token; the first does. */
  readonly connectorSecrets: readonly string[];
  /** Looks for requests; resolves when they are answered. */
  readonly look: () => Promise<void>;
}): Router {
  const tokens = deps.connectorSecrets.map(erpNudgeToken);
  const router = Router();
  router.post('/webhooks/erp/:token', rateLimit(PER_MINUTE), async (req, res) => {
    const given = String(req.params.token);
    // All are compared, so that the time taken does not tell which one fits.
    if (tokens.filter((token) => equalSecret(token, given)).length > 0) {
      const looked = deps
        .look()
        .catch((err: unknown) => deps.log.warn({ err }, 'a nudge of the ERP led to no look; the clock does'));
      await Promise.race([looked, sleep(HELD_MS, undefined, { ref: false })]);
    }
    res.status(204).end();
  });
  return router;
}
