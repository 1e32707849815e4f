/** The BEP/EIR document engine as `mappings/bep.json` describes it. */
import type { DocumentEngine } from '../provisioning/ports.ts';
import { documentOf } from './document.ts';
import { createExchange } from './exchange.ts';
import { factsOf } from './facts.ts';
import type { BepMapping } from './mapping.ts';
import { fill, fillText } from './request-template.ts';

/** @param settings.url address of the engine; the mapping's paths are appended to it */
export function createBepEngine(settings: {
  url: string;
  apiKey?: string | undefined;
  mapping: BepMapping;
  now: () => Date;
  /** Of each request, instead of the mapping's limit; for tests. */
  timeoutMs?: number | undefined;
}): DocumentEngine {
  const { mapping } = settings;
  const { limits } = mapping;
  const exchange = createExchange({
    url: settings.url,
    apiKey: settings.apiKey,
    maxBytes: limits.maxBytes,
    timeoutMs: settings.timeoutMs ?? limits.requestSeconds * 1000,
  });
  return {
    async create({ kind, sale, idempotencyKey }) {
      const { request, answer, fileName } = mapping.documents[kind];
      const facts = factsOf(kind, sale, { ...mapping, now: settings.now() });
      const first = await exchange({
        path: request.path,
        headers: { ...request.headers, 'idempotency-key': idempotencyKey },
        body: fill(request.body, facts),
      });
      const content = await documentOf(first, answer, {
        exchange,
        path: request.path,
        maxBytes: limits.maxBytes,
        jobMs: limits.jobSeconds * 1000,
        pollMs: limits.pollSeconds * 1000,
      });
      return { fileName: safeFileName(fillText(fileName, facts)), content };
    },
  };
}

/** Customers name their projects as they like; a file name must survive Windows, a ZIP and a header. */
function safeFileName(name: string): string {
  const cleaned = name
    .normalize('NFC')
    .replace(/[\p{C}<>:"/\\|?*]+/gu, '-')
    .replace(/^[\s.-]+/, '')
    .trim();
  return cleaned.length <= 120 ? cleaned : `${cleaned.slice(0, 116)}.pdf`;
}
