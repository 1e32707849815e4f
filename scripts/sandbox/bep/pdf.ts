/** Sets a BEP or EIR as a real PDF of a few A4 pages. */
import PDFDocument from 'pdfkit';
import { CONTENTS, ROLES, TITLES } from './contents.ts';
import { type Fonts, fontsFor } from './fonts.ts';
import type { DocumentRequest } from './model.ts';

const INK = '#1c2733';
const ACCENT = '#0b5cad';
const MARGIN = 56;

type Doc = InstanceType<typeof PDFDocument>;

interface Sheet extends Fonts {
  readonly doc: Doc;
}

/** @returns the PDF's bytes, 5 to 40 KB for usual projects */
export function renderPdf(request: DocumentRequest, now: Date): Promise<Buffer> {
  const doc = new PDFDocument({
    size: 'A4',
    margin: MARGIN,
    bufferPages: true,
    info: {
      Title: `${TITLES[request.document]}: ${request.project.name}`,
      Author: request.organisation.name || 'BEP/EIR engine',
      CreationDate: now,
    },
  });
  const sheet: Sheet = { doc, ...fontsFor(doc, request) };
  const bytes = collect(doc);
  cover(sheet, request, now);
  doc.addPage();
  informationOf(sheet, request);
  for (const section of CONTENTS[request.document]) {
    heading(sheet, section.title);
    for (const paragraph of section.paragraphs) doc.text(paragraph, { lineGap: 2 }).moveDown(0.5);
  }
  footers(sheet, request);
  doc.end();
  return bytes;
}

function collect(doc: Doc): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    doc.on('data', (chunk: Buffer) => chunks.push(chunk));
    doc.on('end', () => resolve(Buffer.concat(chunks)));
    doc.on('error', reject);
  });
}

function cover(sheet: Sheet, { document, project, organisation }: DocumentRequest, now: Date): void {
  const { doc, regular, bold } = sheet;
  doc.rect(0, 0, doc.page.width, 12).fill(ACCENT);
  doc.fillColor(INK).font(regular).fontSize(12).text(organisation.name, MARGIN, 180);
  doc.moveDown(1).font(bold).fontSize(28).text(TITLES[document]);
  doc.moveDown(0.5).fillColor(ACCENT).fontSize(20).text(project.name);
  doc.fillColor(INK).font(regular).fontSize(11).moveDown(2);
  pairs(sheet, [
    ['Project code', project.code],
    ['Appointing client', project.client],
    ['Country', organisation.country],
    ['Issued', now.toISOString().slice(0, 10)],
    ['Status', 'S2, suitable for information'],
  ]);
}

function informationOf(sheet: Sheet, { project, parties, standards, milestones }: DocumentRequest): void {
  const { doc } = sheet;
  heading(sheet, 'Project');
  doc.text(project.description || 'No description was given.', { lineGap: 2 });
  heading(sheet, 'Parties and their roles (ISO 19650-1)');
  table(
    sheet,
    ['Name', 'E-mail', 'Role'],
    parties.map(({ name, email, role }) => [name, email, ROLES[role] ?? role]),
  );
  heading(sheet, 'Standards');
  for (const standard of standards) doc.text(`•  ${standard}`, { lineGap: 2 });
  heading(sheet, 'Milestones of information delivery');
  table(
    sheet,
    ['Milestone', 'Due'],
    milestones.map(({ name, due }) => [name, due]),
  );
}

function heading({ doc, regular, bold }: Sheet, title: string): void {
  // A heading alone at the foot of a page reads badly.
  if (doc.y > doc.page.height - 150) doc.addPage();
  doc.moveDown(1.2).font(bold).fontSize(14).fillColor(ACCENT).text(title, MARGIN);
  doc.moveDown(0.4).font(regular).fontSize(10).fillColor(INK);
}

function pairs({ doc, regular, bold }: Sheet, rows: readonly (readonly [string, string])[]): void {
  for (const [label, value] of rows) {
    const { y } = doc;
    doc.font(bold).text(label, MARGIN, y, { width: 140 });
    const after = doc.y;
    doc.font(regular).text(value || '–', MARGIN + 150, y, { width: doc.page.width - 2 * MARGIN - 150 });
    doc.y = Math.max(after, doc.y) + 4;
  }
}

function table(
  { doc, regular, bold }: Sheet,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const width = (doc.page.width - 2 * MARGIN) / head.length;
  const line = (cells: readonly string[], font: string) => {
    if (doc.y > doc.page.height - 90) doc.addPage();
    const top = doc.y;
    let bottom = top;
    doc.font(font).fontSize(9).fillColor(INK);
    cells.forEach((cell, column) => {
      // Height and ellipsis: a name of a thousand characters must not run over the page's end.
      doc.text(cell, MARGIN + column * width, top, { width: width - 8, height: 36, ellipsis: true });
      bottom = Math.max(bottom, doc.y);
    });
    doc
      .moveTo(MARGIN, bottom + 2)
      .lineTo(doc.page.width - MARGIN, bottom + 2)
      .lineWidth(0.5)
      .stroke('#c9d2dc');
    doc.x = MARGIN;
    doc.y = bottom + 6;
  };
  line(head, bold);
  for (const row of rows) line(row, regular);
  doc.font(regular).fontSize(10);
}

function footers({ doc, regular }: Sheet, { document, project }: DocumentRequest): void {
  const { count } = doc.bufferedPageRange();
  for (let index = 0; index < count; index += 1) {
    doc.switchToPage(index);
    // Below the margin pdfkit would begin a new page.
    doc.page.margins.bottom = 0;
    const text = `${project.code}  ·  ${document.toUpperCase()}  ·  page ${index + 1} of ${count}`;
    doc.font(regular).fontSize(8).fillColor('#5b6875');
    doc.text(text, MARGIN, doc.page.height - 36, { lineBreak: false });
  }
}
