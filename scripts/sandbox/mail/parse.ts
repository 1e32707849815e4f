/** Reads a raw message with the parser mail programs in browsers use. */
import PostalMime from 'postal-mime';
import type { ReceivedMail, StoredDelivery } from './mail.ts';

export async function parseDelivery(stored: StoredDelivery): Promise<ReceivedMail> {
  const mail = await PostalMime.parse(Buffer.from(stored.raw, 'base64'));
  return {
    id: stored.id,
    at: new Date(stored.at),
    envelopeFrom: stored.envelope.from,
    to: stored.envelope.to,
    from: mail.from?.address ?? '',
    messageId: mail.messageId ?? '',
    subject: mail.subject ?? '',
    text: mail.text ?? '',
    html: mail.html ?? '',
    headers: mail.headers.map(({ key, value }) => ({ name: key, value })),
    attachments: mail.attachments.map((attachment, index) => ({
      fileName: attachment.filename ?? `attachment-${index + 1}`,
      contentType: attachment.mimeType,
      content: asBytes(attachment.content),
    })),
  };
}

function asBytes(content: ArrayBuffer | Uint8Array | string): Uint8Array {
  if (typeof content === 'string') return new TextEncoder().encode(content);
  return content instanceof Uint8Array ? content : new Uint8Array(content);
}
