/** The real client library, pointed at the sandbox. */
import B2 from 'backblaze-b2';

/** What `backblaze-b2` resolves and rejects with, as far as tests look. */
export interface Answer {
  readonly data: Record<string, unknown>;
}

type Call = (args?: unknown) => Promise<Answer>;

export type Client = Readonly<Record<string, Call>>;

/** Authorised, without retries: each call goes over the wire once. */
export async function connect(url: string, key: { id: string; secret: string }): Promise<Client> {
  const b2 = new B2({ applicationKeyId: key.id, applicationKey: key.secret, retry: { retries: 0 } });
  await b2.authorize({ axiosOverride: { url: `${url}/b2api/v2/b2_authorize_account` } });
  return b2 as unknown as Client;
}

/** `status code` of a refused call. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (thrown) {
    const { response, code } = thrown as { response?: { status: number; data: unknown }; code?: string };
    if (response === undefined) return String(code);
    // A download's error comes as text: the library parses no body there.
    const body = typeof response.data === 'string' ? JSON.parse(response.data) : response.data;
    return `${response.status} ${body.code}`;
  }
  return 'allowed';
}
