import { expect, it } from 'vitest';
import { assignOrders } from '../../connector/billing/own-orders.ts';

const at = (day: number) => new Date(Date.UTC(2026, 0, day));
const ownOrders = new Set([17, 18]);
const sub = (providerId: string, orderId: number | null, day = 1) => ({
  providerId,
  orderId,
  created: at(day),
});
const held = (providerId: string, orderId: number | null, change: object = {}) => ({
  providerId,
  orderId,
  status: 'active',
  endedAt: null,
  access: 'provisioned',
  ...change,
});

it('only an order of this organisation counts', () => {
  const assigned = assignOrders({
    candidates: [sub('a', 17), sub('b', 99), sub('c', null)],
    known: [],
    ownOrders,
  });
  expect([...assigned]).toEqual([['a', 17]]);
});

it('of two with the same metadata the older one has the order', () => {
  const assigned = assignOrders({
    candidates: [sub('young', 17, 9), sub('old', 17, 2)],
    known: [],
    ownOrders,
  });
  expect([...assigned]).toEqual([['old', 17]]);
});

it('a copy never takes an order that was carried out, not even after its end', () => {
  const known = [held('first', 17, { status: 'canceled', endedAt: at(5) })];
  const assigned = assignOrders({ candidates: [sub('first', 17), sub('copy', 17, 6)], known, ownOrders });
  expect([...assigned]).toEqual([['first', 17]]);
});

it('what ended before anything was made lets go of its order', () => {
  const known = [held('failed', 17, { status: 'incomplete_expired', endedAt: at(2), access: 'none' })];
  const assigned = assignOrders({ candidates: [sub('failed', 17), sub('again', 17, 3)], known, ownOrders });
  expect(assigned.get('again')).toBe(17);
});

it('an order once bound stays, whatever its metadata says later', () => {
  const assigned = assignOrders({ candidates: [sub('a', 18)], known: [held('a', 17)], ownOrders });
  expect([...assigned]).toEqual([['a', 17]]);
});
