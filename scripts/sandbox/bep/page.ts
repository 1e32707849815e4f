/** The documents made so far, to open in a browser. */
import { escapeHtml, page, table } from '../page.ts';
import type { StoredDocument } from './model.ts';

export function documentsPage(documents: readonly StoredDocument[]): string {
  const rows = [...documents]
    .reverse()
    .map((document) => [
      escapeHtml(document.at),
      escapeHtml(document.projectName),
      `<a href="/documents/${document.id}">${escapeHtml(document.fileName)}</a>`,
      String(document.size),
    ]);
  return page({
    title: `Documents (${documents.length})`,
    body: table(['At', 'Project', 'File', 'Bytes'], rows),
  });
}
