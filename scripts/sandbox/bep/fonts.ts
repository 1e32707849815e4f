/** Helvetica costs nothing; text it cannot write (beyond Western European) gets a font with most of the world's alphabets. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type PDFDocument from 'pdfkit';
import type { DocumentRequest } from './model.ts';

type Doc = InstanceType<typeof PDFDocument>;

/** Names to give to `doc.font`. */
export interface Fonts {
  readonly regular: string;
  readonly bold: string;
}

/** Built in: registering them under other names would make pdfkit read their metrics again. */
const STANDARD: Fonts = { regular: 'Helvetica', bold: 'Helvetica-Bold' };

// Windows-1252, the encoding of a PDF's built-in fonts.
const WESTERN =
  /^[\n\r\t\x20-\x7e\u00a0-\u00ff\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178]*$/;

const files = new Map<string, Buffer>();

export function fontsFor(doc: Doc, request: DocumentRequest): Fonts {
  if (WESTERN.test(JSON.stringify(request))) return STANDARD;
  doc.registerFont('wide', load('DejaVuSans.ttf'));
  doc.registerFont('wide-bold', load('DejaVuSans-Bold.ttf'));
  return { regular: 'wide', bold: 'wide-bold' };
}

function load(file: string): Buffer {
  const known = files.get(file);
  if (known !== undefined) return known;
  const bytes = readFileSync(createRequire(import.meta.url).resolve(`dejavu-fonts-ttf/ttf/${file}`));
  files.set(file, bytes);
  return bytes;
}
