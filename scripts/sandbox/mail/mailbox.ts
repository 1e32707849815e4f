/** Everything that was delivered; parsed only when somebody looks, because most deliveries of a benchmark are never read. */
import { randomUUID } from 'node:crypto';
import type { Store } from '../store.ts';
import type { MailSandbox, ReceivedMail, StoredDelivery } from './mail.ts';
import { parseDelivery } from './parse.ts';

export interface Mailbox extends MailSandbox {
  deliver(input: { from: string; to: readonly string[]; raw: Buffer; at: Date }): string;
  get(id: string): Promise<ReceivedMail | undefined>;
  raw(id: string): Buffer | undefined;
}

export function createMailbox(deps: { store: Store }): Mailbox {
  const stored = deps.store.collection<StoredDelivery>('deliveries');
  const parsed = new Map<string, Promise<ReceivedMail>>();

  const read = (delivery: StoredDelivery) => {
    const known = parsed.get(delivery.id);
    if (known !== undefined) return known;
    const reading = parseDelivery(delivery);
    parsed.set(delivery.id, reading);
    return reading;
  };

  return {
    deliver(input) {
      const id = randomUUID();
      stored.put(id, {
        id,
        at: input.at.toISOString(),
        envelope: { from: input.from, to: input.to },
        raw: input.raw.toString('base64'),
      });
      return id;
    },
    async get(id) {
      const delivery = stored.get(id);
      return delivery === undefined ? undefined : read(delivery);
    },
    raw(id) {
      const delivery = stored.get(id);
      return delivery === undefined ? undefined : Buffer.from(delivery.raw, 'base64');
    },
    deliveries: () => Promise.all(stored.all().map(read)),
    to(address) {
      const wanted = address.toLowerCase();
      const theirs = stored
        .all()
        .filter(({ envelope }) => envelope.to.some((to) => to.toLowerCase() === wanted));
      return Promise.all(theirs.map(read));
    },
    count: () => stored.count(),
    clear() {
      for (const { id } of stored.all()) stored.delete(id);
      parsed.clear();
    },
  };
}
