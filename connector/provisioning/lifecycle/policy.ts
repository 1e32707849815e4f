/** `mappings/lifecycle.json`: how long somebody who left may read, may return, and what is deleted then. */
import { readMapping } from '../../mapping-file.ts';

export interface LifecyclePolicy {
  /** Days after the end in which data can be read; then users are archived and keys revoked. */
  readonly graceDays: number;
  /** Days after the end until the data are deleted. */
  readonly retentionDays: number;
  /** Days between the mail that announces the deletion and the deletion. */
  readonly noticeDays: number;
  /** The project's workspace in the ERP after retention. Storage is always deleted. */
  readonly workspace: 'delete' | 'keep';
  readonly erasure: {
    /** `anonymise`: name, address and numbers are overwritten. `activity`: staff are asked to do it. */
    readonly partners: 'anonymise' | 'activity';
  };
}

const SCHEMA_FILE = new URL('../../../mappings/lifecycle.schema.json', import.meta.url);

/** @throws ConnectorError permanent `mapping_invalid`, naming the file and every problem with its path */
export function loadLifecyclePolicy(file: string | URL): LifecyclePolicy {
  return readMapping<LifecyclePolicy>({ file, schemaFile: SCHEMA_FILE, check: problemsOf });
}

function problemsOf({ graceDays, noticeDays, retentionDays }: LifecyclePolicy): string[] {
  return graceDays + noticeDays > retentionDays
    ? [
        '/retentionDays: is less than graceDays and noticeDays together: the deletion is announced after access has ended',
      ]
    : [];
}
