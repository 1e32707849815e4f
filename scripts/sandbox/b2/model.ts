/** What a B2 account holds, as it is stored. */

export interface StoredBucket {
  readonly bucketId: string;
  readonly bucketName: string;
  readonly bucketType: 'allPrivate' | 'allPublic';
  readonly bucketInfo: Readonly<Record<string, string>>;
  readonly corsRules: readonly unknown[];
  readonly lifecycleRules: readonly unknown[];
  readonly defaultServerSideEncryption: { readonly mode: string | null; readonly algorithm: string | null };
  readonly revision: number;
}

export interface StoredKey {
  readonly applicationKeyId: string;
  readonly applicationKey: string;
  readonly keyName: string;
  readonly capabilities: readonly string[];
  readonly bucketId: string | null;
  readonly namePrefix: string | null;
  /** Milliseconds since 1970. */
  readonly expirationTimestamp: number | null;
}

export interface StoredFile {
  readonly fileId: string;
  readonly fileName: string;
  readonly bucketId: string;
  /** `start`: a large file whose parts were never put together. */
  readonly action: 'upload' | 'hide' | 'start';
  readonly contentType: string;
  readonly contentLength: number;
  readonly contentSha1: string;
  readonly contentMd5: string;
  readonly fileInfo: Readonly<Record<string, string>>;
  readonly encryption: { readonly mode: string | null; readonly algorithm: string | null };
  /** Milliseconds since 1970; no two versions share one. */
  readonly uploadTimestamp: number;
}

/** `session`: from b2_authorize_account. `upload`: of one upload URL. `download`: from b2_get_download_authorization. */
export interface StoredToken {
  readonly kind: 'session' | 'upload' | 'download';
  readonly keyId: string;
  readonly bucketId: string | null;
  readonly prefix: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

export interface B2Sandbox {
  accountId(): string;
  buckets(): readonly StoredBucket[];
  /** Without their secrets. */
  keys(): readonly Omit<StoredKey, 'applicationKey'>[];
  /** Newest first of each name; `bucket` by name or id. */
  files(bucket: string): readonly StoredFile[];
  content(fileId: string): Uint8Array | undefined;
  /** Makes `n` buckets in this account that the connector knows nothing of. */
  fill(n: number): void;
  /** From now on somebody else owns a bucket of this name. */
  takeName(name: string): void;
  /** Every token given out so far has expired. */
  expireTokens(): void;
}
