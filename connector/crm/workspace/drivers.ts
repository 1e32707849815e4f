import { attachments } from './attachments.ts';
import { dms } from './dms.ts';
import { documents } from './documents.ts';
import { documents17 } from './documents-17.ts';
import type { DriverName, WorkspaceDriver } from './driver.ts';

export const DRIVERS: Readonly<Record<DriverName, WorkspaceDriver>> = {
  documents,
  documents_17: documents17,
  dms,
  attachments,
};
