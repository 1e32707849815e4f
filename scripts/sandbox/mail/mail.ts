/** A delivery as it is kept, and as it reads. */

export interface StoredDelivery {
  readonly id: string;
  readonly at: string;
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  /** The raw message, base64. */
  readonly raw: string;
}

export interface MailAttachment {
  readonly fileName: string;
  readonly contentType: string;
  readonly content: Uint8Array;
}

/** One raw delivery: a second copy of the same message is a second one of these. */
export interface ReceivedMail {
  readonly id: string;
  readonly at: Date;
  /** From the envelope, as are `to`. */
  readonly envelopeFrom: string;
  readonly to: readonly string[];
  readonly from: string;
  readonly messageId: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** As they stand in the message, in their encoding; names lower case. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly attachments: readonly MailAttachment[];
}

export interface MailSandbox {
  /** All raw deliveries, oldest first. */
  deliveries(): Promise<readonly ReceivedMail[]>;
  /** Those of one address, compared without case. */
  to(address: string): Promise<readonly ReceivedMail[]>;
  /** Raw deliveries so far. */
  count(): number;
  clear(): void;
}
