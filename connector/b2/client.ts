/** One authorised session with Backblaze: the token is cached, renewed once when it is refused, every call has an end. */
import http from 'node:http';
import https from 'node:https';
import B2 from 'backblaze-b2';
import { ConnectorError } from '../errors.ts';
import type { Log } from '../log.ts';
import { classifyB2, notJson } from './errors.ts';

/** What goes into `axiosOverride` of each call. */
type Override = Readonly<Record<string, unknown>>;

interface B2Account {
  readonly accountId: string;
  /** For S3 tools (`s3ApiUrl` of b2_authorize_account). */
  readonly s3Endpoint: string;
}

export interface B2Client {
  account(): Promise<B2Account>;
  /**
   * @param run makes the call with the options it is given; merged last, so `data` in them replaces what the library sends
   * @throws ConnectorError classified
   */
  call<T>(
    operation: string,
    run: (b2: B2, override: Override) => Promise<{ readonly data: unknown }>,
  ): Promise<T>;
  /** Like `call`, without renewing the session: an upload's token is the upload URL's own. */
  once<T>(
    operation: string,
    run: (b2: B2, override: Override) => Promise<{ readonly data: unknown }>,
  ): Promise<T>;
}

// A bucket or key is made in well under a second; an upload of 25 MB on a slow line takes longer.
const CALL_TIMEOUT_MS = 30_000;
const UPLOAD_TIMEOUT_MS = 120_000;

interface Settings {
  readonly keyId: string;
  readonly key: string;
  /** Another address than api.backblazeb2.com. */
  readonly apiUrl: string | undefined;
  readonly log: Log;
  /** For tests of the time limits. */
  readonly timeoutMs?: number | undefined;
}

export function createB2Client({ keyId, key, apiUrl, log, timeoutMs }: Settings): B2Client {
  const agents = { keepAlive: true, maxSockets: 16 };
  // The library's axios client is module-global: the newest instance's settings hold for all, so all must be alike.
  // Its retry repeats createBucket and createKey after a reset, which would make a second key: none.
  const b2 = new B2({ applicationKeyId: keyId, applicationKey: key, retry: { retries: 0 } });
  const common = {
    httpAgent: new http.Agent(agents),
    httpsAgent: new https.Agent(agents),
    // A redirect would carry the token to another host; Backblaze uses none.
    maxRedirects: 0,
    maxBodyLength: Number.POSITIVE_INFINITY,
    // Another address is a sandbox or a gateway in the house, never behind the proxy of the environment.
    ...(apiUrl !== undefined && { proxy: false }),
  };
  const override = (ms: number): Override => ({
    ...common,
    timeout: timeoutMs ?? ms,
    // axios' own timeout starts with the answer; this one covers name look-up, connect and a trickling body too.
    signal: AbortSignal.timeout(timeoutMs ?? ms),
  });

  let session: Promise<B2Account> | undefined;

  async function authorize(): Promise<B2Account> {
    const url = apiUrl === undefined ? {} : { url: new URL('/b2api/v2/b2_authorize_account', apiUrl).href };
    const data = await attempt<{ accountId?: unknown; apiUrl?: unknown; s3ApiUrl?: unknown }>(
      'b2_authorize_account',
      () => b2.authorize({ axiosOverride: { ...override(CALL_TIMEOUT_MS), ...url } }),
    );
    // A v3 or v4 answer nests the address: the library would go on with `undefined`.
    if (typeof data.apiUrl !== 'string' || typeof data.accountId !== 'string') throw wrongVersion();
    const s3Endpoint = typeof data.s3ApiUrl === 'string' ? data.s3ApiUrl : data.apiUrl;
    return { accountId: data.accountId, s3Endpoint };
  }

  /** Single flight: whoever comes while a session is being opened waits for that one. */
  function open(): Promise<B2Account> {
    if (session === undefined) {
      session = authorize();
      // Nobody replaces a session that is being opened, so it is this one.
      session.catch(() => {
        session = undefined;
      });
    }
    return session;
  }

  return {
    account: open,
    async call<T>(operation: string, run: Parameters<B2Client['call']>[1]) {
      await open();
      const used = session;
      try {
        return await attempt<T>(operation, () => run(b2, override(CALL_TIMEOUT_MS)));
      } catch (error) {
        if (!(error instanceof ConnectorError) || error.code !== 'b2_token_expired') throw error;
        log.info({ operation }, 'Backblaze ended the session: authorising again');
        // Only the session that was refused is dropped: another call may have renewed it meanwhile.
        if (session === used) session = undefined;
        await open();
        return attempt<T>(operation, () => run(b2, override(CALL_TIMEOUT_MS)));
      }
    },
    once: (operation, run) => attempt(operation, () => run(b2, override(UPLOAD_TIMEOUT_MS))),
  };
}

async function attempt<T>(operation: string, run: () => Promise<{ readonly data: unknown }>): Promise<T> {
  let answer: { readonly data: unknown };
  try {
    answer = await run();
  } catch (thrown) {
    throw classifyB2(thrown, operation);
  }
  if (typeof answer.data !== 'object' || answer.data === null) throw notJson(operation, 200);
  return answer.data as T;
}

const wrongVersion = () =>
  new ConnectorError({
    kind: 'permanent',
    code: 'b2_wrong_version',
    system: 'b2',
    message: 'The answer to b2_authorize_account is not of version 2 of the B2 API',
    advice: 'Set B2_API_URL to an address that speaks B2 Native API version 2, or leave it out.',
  });
