/** /api/v1/admin/erasures: a person or an organisation is erased, with a report; `dry_run` says what would be. */
import { type Router, raw } from 'express';
import type { ErasureReport, ErasureRow } from '../provisioning/erasure/report.ts';
import type { Subject } from '../provisioning/erasure/subject.ts';
import { fieldsOf } from './optional-body.ts';
import { requestError } from './problem.ts';

export interface ErasureAdmin {
  /** Not finished: it goes on by itself. */
  erase(input: { subject: Subject; dryRun: boolean }): Promise<ErasureReport>;
  read(filter: { id: number | null; limit: number }): Promise<readonly ErasureRow[]>;
}

const LIMIT = 200;

export function erasureRoutes(api: Router, admin: ErasureAdmin): void {
  api.post('/erasures', raw({ type: () => true, limit: '4kb' }), async (req, res) => {
    const fields = fieldsOf(req);
    const dryRun = fields.dry_run === true;
    const report = await admin.erase({ subject: subjectOf(fields), dryRun });
    res.status(report.finished || dryRun ? 200 : 202).json(report);
  });
  api.get('/erasures', async (_req, res) => {
    res.json({ erasures: await admin.read({ id: null, limit: LIMIT }) });
  });
  api.get('/erasures/:id', async (req, res) => {
    const id = Number(req.params.id);
    const [found] = Number.isSafeInteger(id) && id > 0 ? await admin.read({ id, limit: 1 }) : [];
    if (found === undefined) throw requestError('not_found', 'There is no such erasure.');
    res.json(found);
  });
}

function subjectOf({ email, organisation }: Readonly<Record<string, unknown>>): Subject {
  if (
    typeof email === 'string' &&
    organisation === undefined &&
    /^[^@\s]{1,64}@[^@\s]{1,189}$/.test(email.trim())
  )
    return { kind: 'person', email: email.trim() };
  if (
    typeof organisation === 'number' &&
    Number.isSafeInteger(organisation) &&
    organisation > 0 &&
    email === undefined
  )
    return { kind: 'organisation', organisationId: organisation };
  throw requestError('invalid_request', 'Give either "email" or "organisation", its number.');
}
