/** Reads a request leniently in what it leaves out, strictly in what makes the document. */
import type { DocumentKind, DocumentRequest } from './model.ts';

export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The kind stands in the path (`/v1/documents/bep`) or in the body (`document`). */
export function readRequest(path: string, body: Buffer): DocumentRequest {
  const json = parse(body);
  const kind = path.split('/')[3] ?? json.document;
  if (kind !== 'bep' && kind !== 'eir')
    throw new EngineError(404, 'unknown_document', 'document: bep or eir');
  const project = record(json.project);
  if (text(project.name) === '') throw new EngineError(422, 'invalid_project', 'project.name is missing');
  if (!Array.isArray(json.parties)) throw new EngineError(422, 'invalid_parties', 'parties: a list');
  const organisation = record(json.organisation);
  return {
    document: kind satisfies DocumentKind,
    project: {
      name: text(project.name),
      code: text(project.code),
      description: text(project.description),
      client: text(project.client),
    },
    organisation: { name: text(organisation.name), country: text(organisation.country) },
    parties: json.parties.map(record).map((party) => ({
      name: text(party.name),
      email: text(party.email),
      role: text(party.role),
    })),
    standards: list(json.standards).map(text),
    milestones: list(json.milestones)
      .map(record)
      .map((milestone) => ({ name: text(milestone.name), due: text(milestone.due ?? milestone.date) })),
  };
}

function parse(body: Buffer): Record<string, unknown> {
  try {
    return record(JSON.parse(body.toString()));
  } catch {
    throw new EngineError(400, 'invalid_json', 'the body is not JSON');
  }
}

const record = (value: unknown) =>
  (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown) => (typeof value === 'string' ? value : '');
