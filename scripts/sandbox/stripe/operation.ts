/** Names a request for counters and faults. */
import type { BufferedRequest } from '../system.ts';
import { findRoute } from './routes.ts';

/** `POST /v1/customers/:id`: ids are left out, so that a fault can be ordered before the id is known. */
export function operationOf({ method, url }: BufferedRequest): string {
  const path = new URL(url, 'http://sandbox').pathname;
  const found = findRoute(method, path);
  if (found) return `${method} ${found.route.path}`;
  return `${method} ${path.replace(/\/(c\/pay|embedded|p\/session|i)\/.*$/, '/$1')}`;
}
