/** Documents made in the background: queued, running for a moment, then done or failed. */
import { randomUUID } from 'node:crypto';
import type { SystemContext } from '../system.ts';
import type { Misbehaviour } from './model.ts';

/** Long enough that a client which never polls does not pass. */
const USUAL_MS = 150;

interface StoredJob {
  readonly documentId: string;
  /** Real time: nobody moves a clock to wait for a document. */
  readonly readyAt: number;
  readonly as: Misbehaviour | null;
}

export interface Jobs {
  start(input: { documentId: string; as: Misbehaviour | undefined }): string;
  look(id: string):
    | {
        readonly documentId: string;
        readonly as: Misbehaviour | undefined;
        readonly status: { readonly job_id: string; readonly state: 'running' | 'done' | 'failed' };
      }
    | undefined;
}

export function createJobs({ store }: Pick<SystemContext, 'store'>): Jobs {
  const jobs = store.collection<StoredJob>('jobs');
  return {
    start({ documentId, as }) {
      const id = randomUUID();
      const late = as?.how === 'late' ? (as.ms ?? 5000) : 0;
      jobs.put(id, { documentId, readyAt: Date.now() + USUAL_MS + late, as: as ?? null });
      return id;
    },
    look(id) {
      const job = jobs.get(id);
      if (job === undefined) return undefined;
      const as = job.as ?? undefined;
      const state = Date.now() < job.readyAt ? 'running' : as?.how === 'job_failed' ? 'failed' : 'done';
      const more = {
        running: {},
        done: { pdf_url: `/v1/jobs/${id}/document` },
        failed: { reason: 'the project cannot be set' },
      }[state];
      return { documentId: job.documentId, as, status: { job_id: id, state, ...more } };
    },
  };
}
