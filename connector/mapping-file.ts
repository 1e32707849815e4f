/** Reads one file of `mappings/` against its JSON Schema, and refuses it with every problem at once. */
import { readFileSync } from 'node:fs';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { ConnectorError } from './errors.ts';

/**
 * @param input.check what a JSON Schema cannot say; its problems, each with the path it is at
 * @throws ConnectorError permanent `mapping_invalid`, naming the file and every problem with its path
 */
export function readMapping<T>(input: {
  file: string | URL;
  /** Beside the file, in `mappings/`. */
  schemaFile: URL;
  check: (mapping: T) => readonly string[];
}): T {
  const name = input.file instanceof URL ? input.file.pathname : input.file;
  let mapping: unknown;
  try {
    mapping = JSON.parse(readFileSync(input.file, 'utf8'));
  } catch (cause) {
    throw invalid(name, [`cannot be read as JSON (${(cause as Error).message})`], cause);
  }
  const validate = new Ajv2020({
    allErrors: true,
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
  }).compile(JSON.parse(readFileSync(input.schemaFile, 'utf8')) as object);
  if (!validate(mapping)) throw invalid(name, validate.errors!.map(describe));
  const problems = input.check(mapping as T);
  if (problems.length > 0) throw invalid(name, problems);
  return mapping as T;
}

function describe(error: ErrorObject): string {
  const path = error.instancePath === '' ? '/' : error.instancePath;
  const named = (error.params as { additionalProperty?: string }).additionalProperty;
  return `${path}: ${error.message}${named === undefined ? '' : ` ("${named}")`}`;
}

function invalid(file: string, problems: readonly string[], cause?: unknown): ConnectorError {
  return new ConnectorError({
    kind: 'permanent',
    code: 'mapping_invalid',
    message: `${file}: ${problems.length === 1 ? problems[0] : `\n  ${problems.join('\n  ')}`}`,
    advice: 'Correct the file; the schema beside the shipped one describes every field.',
    details: { file, problems },
    cause,
  });
}
