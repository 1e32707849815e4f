/** POST /api/v1/admin/erasures: a person or an organisation is erased, with a report; `dry_run` says what would be. */
import { type Router, raw } from 'express';
import type { ErasureReport, Subject } from '../provisioning/erasure/erase.ts';
import { jsonBody } from './json-body.ts';
import { requestError } from './problem.ts';

export type Erase = (input: { subject: Subject; dryRun: boolean }) => Promise<ErasureReport>;

export function erasureRoutes(api: Router, erase: Erase): void {
  api.post('/erasures', raw({ type: () => true, limit: '4kb' }), async (req, res) => {
    const body = jsonBody(req) as Readonly<Record<string, unknown>> | null;
    const report = await erase({ subject: subjectOf(body ?? {}), dryRun: body?.dry_run === true });
    res.json(report);
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
