/** The billing page's session: an organisation token in a cookie that scripts cannot read. */
import type { Request, Response } from 'express';
import type { AccountOrganisation } from '../../../billing/account/organisation.ts';
import { issueOrganisationToken, ORGANISATION_TOKEN_SECONDS } from '../../../billing/organisation-token.ts';
import { type CallerDeps, organisationOfToken } from '../caller.ts';

export interface SessionDeps extends CallerDeps {
  readonly publicUrl: string;
}

const COOKIE = 'billing';
const PATH = '/billing';

const cookieOptions = ({ publicUrl }: SessionDeps) => ({
  httpOnly: true,
  // Not strict: the provider's portal leads back here. A form from elsewhere brings no cookie all the same.
  sameSite: 'lax' as const,
  secure: publicUrl.startsWith('https:'),
  path: PATH,
});

export function beginSession(deps: SessionDeps, res: Response, organisationId: number): void {
  res.cookie(COOKIE, issueOrganisationToken(deps, organisationId), {
    ...cookieOptions(deps),
    maxAge: ORGANISATION_TOKEN_SECONDS * 1000,
  });
}

export function endSession(deps: SessionDeps, res: Response): void {
  res.clearCookie(COOKIE, cookieOptions(deps));
}

/** undefined: nobody, or no longer. */
export async function sessionOf(deps: SessionDeps, req: Request): Promise<AccountOrganisation | undefined> {
  const token = new RegExp(`(?:^|;\\s*)${COOKIE}=([\\w.-]{10,200})(?:;|$)`).exec(
    req.get('cookie') ?? '',
  )?.[1];
  return token === undefined ? undefined : organisationOfToken(deps, token);
}
