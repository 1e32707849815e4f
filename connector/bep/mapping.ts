/** `mappings/bep.json`: what is sent to the document engine and what comes back. */
import { readMapping } from '../mapping-file.ts';
import type { DocumentKind } from '../provisioning/ports.ts';
import { SAMPLE_FACTS } from './facts.ts';
import { fill, fillText, UnknownFact } from './request-template.ts';

export interface BepMapping {
  readonly limits: {
    readonly maxBytes: number;
    readonly requestSeconds: number;
    readonly jobSeconds: number;
    readonly pollSeconds: number;
  };
  readonly standards: readonly string[];
  readonly milestones: readonly { readonly name: string; readonly afterDays: number }[];
  readonly documents: Readonly<Record<DocumentKind, DocumentMapping>>;
}

export interface DocumentMapping {
  readonly request: {
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body: Readonly<Record<string, unknown>>;
  };
  readonly answer: PdfAnswer | Base64Answer | JobAnswer;
  readonly fileName: string;
}

interface PdfAnswer {
  readonly kind: 'pdf';
}
export interface Base64Answer {
  readonly kind: 'base64_json';
  readonly content: string;
}
export interface JobAnswer {
  readonly kind: 'job';
  readonly id: string;
  readonly statusPath: string;
  readonly state: string;
  readonly done: readonly string[];
  readonly failed: readonly string[];
  readonly reason?: string;
  readonly result: (PdfAnswer & { readonly path: string }) | Base64Answer;
}

const SCHEMA_FILE = new URL('../../mappings/bep.schema.json', import.meta.url);

/** @throws ConnectorError permanent `mapping_invalid`, naming the file and every problem with its path */
export function loadBepMapping(file: string | URL): BepMapping {
  return readMapping<BepMapping>({
    file,
    schemaFile: SCHEMA_FILE,
    check: ({ documents }) =>
      (['bep', 'eir'] as const).flatMap((kind) => unknownFacts(kind, documents[kind])),
  });
}

/** A misspelt fact is found now, not in the first customer's document. */
function unknownFacts(kind: DocumentKind, document: DocumentMapping): string[] {
  const trials = [
    () => fill(document.request.body, SAMPLE_FACTS),
    () => fillText(document.fileName, SAMPLE_FACTS),
  ];
  return trials.flatMap((trial) => {
    try {
      trial();
      return [];
    } catch (error) {
      if (!(error instanceof UnknownFact)) throw error;
      return [`/documents/${kind}: ${error.message}`];
    }
  });
}
