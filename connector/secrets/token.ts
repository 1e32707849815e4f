/** Tokens that travel in links and cookies; only their hashes are stored. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 random bits, base64url: 43 characters that fit a path and a cookie. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** SHA-256, hex. A token of 256 random bits needs neither salt nor a slow hash. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Equality in constant time, also for texts of different length. */
export function equalSecret(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}
