/** Who may read how this installation does: figures are for those who run it, not for the visitors of the same port. */
import { BlockList, isIPv4 } from 'node:net';
import type { Request } from 'express';
import { equalSecret } from '../secrets/token.ts';

const INSIDE = new BlockList();
for (const [network, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
] as const)
  INSIDE.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  INSIDE.addSubnet(network, bits, 'ipv6');

// What a proxy adds for somebody who came from elsewhere; a scraper beside us comes straight.
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'] as const;

/** An operator by key, or a caller that comes straight from this machine or a private network (RFC 1918, 4193). */
export function isInsider(req: Request, apiKeys: readonly string[]): boolean {
  const given = /^Bearer (\S+)$/i.exec(req.get('authorization') ?? '')?.[1] ?? '';
  if (apiKeys.filter((key) => equalSecret(key, given)).length > 0) return true;
  if (FORWARDED.some((header) => req.get(header) !== undefined)) return false;
  return isInsideAddress(req.socket.remoteAddress ?? '');
}

export function isInsideAddress(address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
  return INSIDE.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6');
}
