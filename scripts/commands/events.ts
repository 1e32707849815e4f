/** `cli events list|show|replay`: the inbox, and events put back to work. */
import { parseArgs } from 'node:util';
import type { ListedEvent, ShownEvent } from '../../connector/inbox/read-events.ts';
import { adminClient } from './admin-client.ts';
import { argument } from './argument.ts';
import { minute, table } from './table.ts';

type Argv = readonly string[];
const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;

export async function eventsList(argv: Argv, env: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      state: text,
      type: text,
      customer: text,
      since: text,
      before: text,
      failed: flag,
      limit: { ...text, default: '50' },
      json: flag,
    },
  });
  const { json, failed, ...filter } = values;
  const query = new URLSearchParams({ ...filter, failed: String(failed) });
  const { events } = await adminClient(env).request<{ events: ListedEvent[] }>('GET', `/events?${query}`);
  if (json) console.log(JSON.stringify(events));
  else {
    const rows = events.map((each) => [
      String(each.seq),
      each.id,
      each.type,
      each.customer ?? '',
      each.state,
      each.source,
      minute(each.receivedAt),
      String(each.cause?.message ?? each.cause?.code ?? ''),
    ]);
    console.log(table(['seq', 'event', 'type', 'customer', 'state', 'by', 'received', 'cause'], rows));
  }
  return 0;
}

export async function eventsShow(argv: Argv, env: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { json: flag },
    allowPositionals: true,
  });
  const id = encodeURIComponent(argument(positionals, 'an event: evt_…'));
  const event = await adminClient(env).request<ShownEvent>('GET', `/events/${id}`);
  if (values.json) {
    console.log(JSON.stringify(event));
    return 0;
  }
  const { payload, ...facts } = event;
  for (const [name, value] of Object.entries(facts)) {
    if (value !== null)
      console.log(`${name.padEnd(12)} ${typeof value === 'object' ? JSON.stringify(value) : value}`);
  }
  console.log(JSON.stringify(payload, null, 2));
  return 0;
}

export async function eventsReplay(argv: Argv, env: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { failed: flag, since: text, json: flag },
    allowPositionals: true,
  });
  const [id] = positionals;
  const { failed, since, json } = values;
  if ([id !== undefined, failed, since !== undefined].filter(Boolean).length !== 1) {
    console.error('Say which: events replay evt_… | --failed | --since 2026-11-01');
    return 2;
  }
  const what = id !== undefined ? { id } : failed ? { failed } : { since };
  const replayed = await adminClient(env).request<{ events: number; customers: number }>(
    'POST',
    '/events/replay',
    what,
  );
  const { events, customers } = replayed;
  console.log(
    json ? JSON.stringify(replayed) : `${events} event(s) of ${customers} customer(s) are worked on again.`,
  );
  return 0;
}
