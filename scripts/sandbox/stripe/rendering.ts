/** One object on its way into an older shape. */
import type { Links } from './links.ts';

export type Json = Record<string, unknown>;

export interface Rendering {
  /** Its parts are rendered already. */
  readonly inner: Json;
  /** As it is stored. */
  readonly original: Json;
  readonly links: Links;
}
