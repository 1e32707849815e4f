/** `mappings/dunning.json`: what is done, day by day, when a payment fails or is disputed. */
import { readMapping } from '../../mapping-file.ts';

export type SuspensionLevel = 'features' | 'access';

/** A task for the salesperson. `days`: until it is due. */
export interface PolicyActivity {
  readonly summary: string;
  readonly days?: number;
}

/** One step; done once for one invoice. */
export interface DunningStep {
  readonly name: string;
  /** Days after the first failure. */
  readonly day: number;
  readonly mail?: string;
  /** Instead of `mail` when the bank waits for the customer's confirmation. */
  readonly mailWhenActionRequired?: string;
  readonly activity?: PolicyActivity;
  readonly suspend?: SuspensionLevel;
}

export interface DunningPolicy {
  readonly noticeDays: number;
  readonly recoveredMail: 'after_mail' | 'after_suspension' | 'never';
  readonly steps: readonly DunningStep[];
  readonly disputes: {
    readonly activity: { readonly summary: string };
    readonly suspend: 'never' | SuspensionLevel;
    readonly afterLost: 'keep' | 'lift';
  };
  readonly refunds: { readonly made?: PolicyActivity; readonly failed?: PolicyActivity };
}

const SCHEMA_FILE = new URL('../../../mappings/dunning.schema.json', import.meta.url);

/** @throws ConnectorError permanent `mapping_invalid`, naming the file and every problem with its path */
export function loadDunningPolicy(file: string | URL): DunningPolicy {
  return readMapping<DunningPolicy>({ file, schemaFile: SCHEMA_FILE, check: problemsOf });
}

function problemsOf({ steps }: DunningPolicy): string[] {
  return steps.flatMap((step, index) => {
    const before = steps.slice(0, index);
    return [
      ...(before.some(({ name }) => name === step.name)
        ? [`/steps/${index}/name: "${step.name}" is there twice`]
        : []),
      ...(before.some(({ day }) => day > step.day) ? [`/steps/${index}/day: stands after a later day`] : []),
      ...(step.mailWhenActionRequired !== undefined && step.mail === undefined
        ? [`/steps/${index}/mailWhenActionRequired: stands without "mail"`]
        : []),
      ...(step.suspend !== undefined && !before.some(({ mail }) => mail !== undefined)
        ? [`/steps/${index}/suspend: no mail comes before it: nobody is suspended unwarned`]
        : []),
    ];
  });
}
