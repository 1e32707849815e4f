/** Gives each request an id that follows its work, and one log line when it is answered. */
import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import { type Log, maskUrl, withRequestId } from '../log.ts';
import type { RequestCounter } from './metrics.ts';

// A proxy's id is taken over only when it cannot forge log lines or grow without bound.
const ACCEPTABLE = /^[\w.:-]{8,64}$/;

export function requestContext(deps: {
  readonly log: Log;
  readonly counter: RequestCounter;
}): RequestHandler {
  return (req, res, next) => {
    const given = req.get('x-request-id');
    const requestId = given !== undefined && ACCEPTABLE.test(given) ? given : randomUUID();
    const began = process.hrtime.bigint();
    res.set('X-Request-Id', requestId);
    withRequestId(requestId, () => {
      res.on('finish', () => {
        const ms = Math.round(Number(process.hrtime.bigint() - began) / 1e4) / 100;
        deps.counter.count(req.method, res.statusCode);
        const line = {
          requestId,
          method: req.method,
          url: maskUrl(req.originalUrl),
          status: res.statusCode,
          ms,
        };
        deps.log.info(line, 'request');
      });
      next();
    });
  };
}
