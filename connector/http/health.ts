/** /healthz (the process lives), /readyz (it can do its work), /metrics. Details and figures are for insiders. */
import { Router } from 'express';
import { isInsider } from './insider.ts';
import { type Metric, processMetrics, type RequestCounter, renderMetrics } from './metrics.ts';
import { requestError } from './problem.ts';

export interface HealthPort {
  /** What must hold for work to be taken: true, or the reason why not. */
  checks(): Promise<Readonly<Record<string, true | string>>>;
  metrics(): Promise<readonly Metric[]>;
  /** Outside systems that were called so far. One that is away makes nobody unready: work waits for it here as anywhere. */
  systems?(): Readonly<Record<string, 'reachable' | 'away'>>;
  /** What waits for an outside system: it makes nobody unready, and drains by itself. */
  backlog?(): Promise<Readonly<Record<string, object>>>;
}

export function healthRouter(deps: {
  readonly health: HealthPort;
  readonly counter: RequestCounter;
  readonly apiKeys: readonly string[];
}): Router {
  const router = Router();
  router.get('/healthz', (_req, res) => {
    res.json({ status: 'ok' });
  });
  router.get('/readyz', async (req, res) => {
    const checks = await deps.health.checks();
    const ready = Object.values(checks).every((result) => result === true);
    // Nothing is asked of a database that does not answer.
    const details = isInsider(req, deps.apiKeys) && {
      checks,
      systems: deps.health.systems?.(),
      ...(ready && { backlog: await deps.health.backlog?.() }),
    };
    res.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'not ready', ...details });
  });
  router.get('/metrics', async (req, res) => {
    if (!isInsider(req, deps.apiKeys))
      throw requestError(
        'unauthorized',
        'Figures are for operators.',
        'Ask from a private network, not through the proxy, or send "Authorization: Bearer <one of CONNECTOR_API_KEYS>".',
      );
    const metrics = [...processMetrics(), deps.counter.metric(), ...(await deps.health.metrics())];
    res.type('text/plain; version=0.0.4').send(renderMetrics(metrics));
  });
  return router;
}
