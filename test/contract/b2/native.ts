/** Backblaze's native API by plain HTTP, to look at and tidy up what the connector's own client made. */

export interface Native {
  call<T>(operation: string, body: Readonly<Record<string, unknown>>): Promise<T>;
  readonly accountId: string;
}

/** @param settings.apiUrl undefined: api.backblazeb2.com */
export async function openNative(settings: {
  keyId: string;
  key: string;
  apiUrl: string | undefined;
}): Promise<Native> {
  const base = settings.apiUrl ?? 'https://api.backblazeb2.com';
  const basic = Buffer.from(`${settings.keyId}:${settings.key}`).toString('base64');
  const answer = await fetch(`${base}/b2api/v2/b2_authorize_account`, {
    headers: { authorization: `Basic ${basic}` },
  });
  if (!answer.ok) throw new Error(`b2_authorize_account: ${answer.status}`);
  const session = (await answer.json()) as { accountId: string; apiUrl: string; authorizationToken: string };
  return {
    accountId: session.accountId,
    async call(operation, body) {
      const response = await fetch(`${session.apiUrl}/b2api/v2/${operation}`, {
        method: 'POST',
        headers: { authorization: session.authorizationToken, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (!response.ok) throw new Error(`${operation}: ${response.status} ${await response.text()}`);
      return (await response.json()) as never;
    },
  };
}
