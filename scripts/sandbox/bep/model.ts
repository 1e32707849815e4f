/** What the engine is sent, what it keeps, and how it can be told to misbehave. */

export type DocumentKind = 'bep' | 'eir';

export interface DocumentRequest {
  readonly document: DocumentKind;
  readonly project: {
    readonly name: string;
    readonly code: string;
    readonly description: string;
    readonly client: string;
  };
  readonly organisation: { readonly name: string; readonly country: string };
  readonly parties: readonly { readonly name: string; readonly email: string; readonly role: string }[];
  readonly standards: readonly string[];
  readonly milestones: readonly { readonly name: string; readonly due: string }[];
}

export interface EngineDocument {
  readonly id: string;
  readonly kind: DocumentKind;
  readonly projectCode: string;
  readonly projectName: string;
  /** Null: the request carried none. */
  readonly idempotencyKey: string | null;
  readonly fileName: string;
  readonly size: number;
  readonly at: string;
  /** The parties' names as sent. */
  readonly parties: readonly string[];
}

export interface StoredDocument extends EngineDocument {
  readonly requestHash: string;
  /** Base64. */
  readonly content: string;
}

/**
 * - `not_pdf`: 200, `application/pdf`, but the bytes are a web page.
 * - `too_large`: a PDF padded to `bytes` (default 30 MB).
 * - `late`: the answer (or the end of the job) comes `ms` later than usual (default 5000).
 * - `job_failed`: the job ends as failed, with a reason; without a job, 422.
 */
export interface Misbehaviour {
  readonly how: 'not_pdf' | 'too_large' | 'late' | 'job_failed';
  readonly times: number;
  readonly ms?: number;
  readonly bytes?: number;
}

export interface BepSandbox {
  /** One for each idempotency key, oldest first. */
  documents(): readonly EngineDocument[];
  pdf(id: string): Uint8Array | undefined;
  /** The next `times` documents asked for are answered this way. */
  misbehave(how: Misbehaviour): void;
}
