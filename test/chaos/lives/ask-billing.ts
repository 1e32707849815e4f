/** The billing API as a customer's browser asks it. */
import type { Customer } from './customer.ts';

/** The connector's refusal, by its code. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, detail: unknown) {
    super(`${status} ${code}: ${String(detail)}`);
    this.status = status;
    this.code = code;
  }
}

/** @throws Refused */
export async function askBilling(
  url: string,
  { address }: Pick<Customer, 'address'>,
  request: { path: string; body: object; key: string; token: string | undefined },
): Promise<Record<string, unknown>> {
  const { path, body, key, token } = request;
  const answer = await fetch(`${url}/api/v1/billing${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': key,
      'x-forwarded-for': address,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(60_000),
  });
  const said = (await answer.json()) as Record<string, unknown>;
  if (answer.ok) return said;
  throw new Refused(answer.status, String(said.code), said.detail ?? said.title);
}
