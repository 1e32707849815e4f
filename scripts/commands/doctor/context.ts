import type { Config } from '../../../connector/config-schema.ts';
import type { Log } from '../../../connector/log.ts';
import type { Finding } from './finding.ts';

export interface DoctorContext {
  readonly config: Config;
  /** As with `npm start -- --embedded`. */
  readonly embedded: boolean;
  readonly log: Log;
  readonly now: () => Date;
  /** Milliseconds one call may take. */
  readonly callMs: number;
  /** Bytes free where this path lies. */
  readonly freeBytes: (path: string) => Promise<number>;
}

export interface Check {
  readonly system: string;
  /** Variables without which nothing can be said; a final _ takes all that begin so. */
  readonly needs: readonly string[];
  readonly run: (context: DoctorContext) => Promise<readonly Finding[]>;
}
