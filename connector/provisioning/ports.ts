/** What provisioning asks of the outside systems; the adapters implement these and import nothing else of ours. */
import type { Sale } from '../billing/sale.ts';

export interface ObjectStorage {
  /** `s3Endpoint`: where customers' S3 tools connect. */
  account(): Promise<{ accountId: string; s3Endpoint: string }>;
  listBuckets(): Promise<readonly { id: string; name: string }[]>;
  /**
   * A private bucket with server-side encryption, lifecycle and CORS. One of ours by that name is returned as it is.
   * @throws ConnectorError conflict `b2_bucket_name_taken`, permanent `b2_bucket_limit`
   */
  ensureBucket(input: {
    name: string;
    lifecycleDays: number;
    corsOrigin: string;
  }): Promise<{ id: string; name: string }>;
  /** Every live key of the account, or those of one name. */
  listKeys(filter?: { keyName: string }): Promise<readonly { keyId: string; keyName: string }[]>;
  /** One restricted to the bucket (and prefix). Its secret is returned only here. */
  createKey(input: {
    keyName: string;
    bucketId: string;
    namePrefix?: string;
    readOnly?: boolean;
  }): Promise<{ keyId: string; applicationKey: string }>;
  /** One that is gone already is no error. */
  deleteKeys(keyIds: readonly string[]): Promise<void>;
  /** Skips the upload when the same name with the same SHA-1 is there already. */
  upload(input: {
    bucketId: string;
    bucketName: string;
    fileName: string;
    contentType: string;
    content: Uint8Array;
  }): Promise<{ fileId: string; fileName: string }>;
  /** How many days replaced and deleted files stay recoverable; 0: for ever. */
  setLifecycle(input: { bucketId: string; lifecycleDays: number }): Promise<void>;
  /** Of all versions under the prefix; `complete` false: there are more than `pages` pages of them. */
  usedBytes(input: {
    bucketId: string;
    prefix: string;
    pages: number;
  }): Promise<{ bytes: number; complete: boolean }>;
  /** Deletes one page of versions under the prefix for good. A bucket that is gone is empty. */
  deleteFilePage(input: { bucketId: string; prefix: string }): Promise<{ deleted: number; more: boolean }>;
  /** One that is gone already is no error. @throws ConnectorError conflict `b2_bucket_not_empty` */
  deleteBucket(bucketId: string): Promise<void>;
}

export type DocumentKind = 'bep' | 'eir';

export interface DocumentEngine {
  /** Asks the engine for one document; always a PDF. @throws ConnectorError permanent `bep_not_a_pdf` */
  create(input: {
    kind: DocumentKind;
    sale: Sale;
    idempotencyKey: string;
  }): Promise<{ fileName: string; content: Uint8Array }>;
}

export interface Attachment {
  readonly fileName: string;
  readonly contentType: string;
  readonly content: Uint8Array;
}

export interface SentMail {
  readonly messageId: string;
  /** False: sent before. */
  readonly sent: boolean;
  /** Names of the files that went with the mail that was sent, now or before. */
  readonly attached: readonly string[];
}

export interface Mailer {
  /** At least once for one `fact`, always with the same Message-ID; a fact already sent is not sent again. */
  send(input: {
    fact: string;
    to: { name: string; email: string };
    template: string;
    locale: string;
    data: Record<string, unknown>;
    attachments?: readonly Attachment[];
  }): Promise<SentMail>;
}
