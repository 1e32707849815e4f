import type { Request } from 'express';

/**
 * Whether a form or a navigation comes from a page of ours, or was begun by the visitor. Our pages send no referrer, so
 * browsers send `Origin: null` with their forms (Fetch standard, "append a request Origin header"); those that do so
 * without `Sec-Fetch-Site` are years old.
 */
export function fromOurPage(req: Request, publicUrl: string): boolean {
  const site = req.get('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const origin = req.get('origin');
  return origin === undefined || origin === 'null' || origin === new URL(publicUrl).origin;
}
