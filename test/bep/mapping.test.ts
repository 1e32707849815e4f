import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadBepMapping } from '../../connector/bep/mapping.ts';
import { fill, fillText, pick } from '../../connector/bep/request-template.ts';

const folder = mkdtempSync(join(tmpdir(), 'bep-mapping-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SHIPPED = new URL('../../mappings/bep.json', import.meta.url);

/** The shipped mapping with these members replaced, as a file. */
function changed(members: Readonly<Record<string, unknown>>): string {
  const mapping: unknown = JSON.parse(readFileSync(SHIPPED, 'utf8'));
  for (const [path, value] of Object.entries(members)) {
    const names = path.split('.');
    const last = names.pop()!;
    const parent = names.length === 0 ? mapping : pick(mapping, names.join('.'));
    (parent as Record<string, unknown>)[last] = value;
  }
  const file = join(folder, 'bep.json');
  writeFileSync(file, JSON.stringify(mapping));
  return file;
}

it('takes the shipped mapping', () => {
  expect(Object.keys(loadBepMapping(SHIPPED).documents)).toEqual(['bep', 'eir']);
});

it('names every problem of a file at once', () => {
  const file = changed({
    'limits.maxBytes': 'many',
    'documents.bep.request.path': 'https://elsewhere.example/',
    unknown: true,
  });
  expect(() => loadBepMapping(file)).toThrow(
    expect.objectContaining({
      code: 'mapping_invalid',
      details: expect.objectContaining({
        problems: expect.arrayContaining([
          expect.stringContaining('/limits/maxBytes'),
          expect.stringContaining('/documents/bep/request/path'),
        ]),
      }),
    }),
  );
});

it('names a fact that does not exist', () => {
  const file = changed({
    'documents.eir.request.body.project.name': { from: 'project.title' },
    'documents.bep.fileName': '{project.number}.pdf',
    'documents.bep.request.body.parties': { each: 'project', as: {} },
  });
  expect(() => loadBepMapping(file)).toThrow(/project\.title[\s\S]*|project\.number/);
  expect(() => loadBepMapping(file)).toThrow(
    expect.objectContaining({
      details: expect.objectContaining({ problems: expect.objectContaining({ length: 3 }) }),
    }),
  );
});

it('refuses what is not JSON or not there', () => {
  const file = join(folder, 'broken.json');
  writeFileSync(file, '{');
  expect(() => loadBepMapping(file)).toThrow(expect.objectContaining({ code: 'mapping_invalid' }));
  expect(() => loadBepMapping(join(folder, 'missing.json'))).toThrow(
    expect.objectContaining({ code: 'mapping_invalid' }),
  );
});

it('fills facts, lists and texts, and never reaches a prototype', () => {
  const facts = { a: { b: 1 }, list: [{ n: 'x' }, { n: 'y' }], words: ['p', 'q'] };
  expect(fill({ one: { from: 'a.b' }, two: [{ from: 'a' }], three: null, four: 'text' }, facts)).toEqual({
    one: 1,
    two: [{ b: 1 }],
    three: null,
    four: 'text',
  });
  expect(fill({ each: 'list', as: { n: { from: 'n' }, b: { from: 'a.b' } } }, facts)).toEqual([
    { n: 'x', b: 1 },
    { n: 'y', b: 1 },
  ]);
  expect(fill({ each: 'words', as: { from: 'item' } }, facts)).toEqual(['p', 'q']);
  expect(fillText('{a.b}-{list.length}', { ...facts })).toBe('1-2');
  expect(pick(facts, 'constructor.name')).toBeUndefined();
  expect(pick(facts, '__proto__')).toBeUndefined();
  expect(() => fillText('{nothing}', facts)).toThrow(/"nothing" is not a fact/);
});
