/** Writes XML-RPC answers as Python's `xmlrpc.client` does, which knows no None. */
import { typeError } from '../errors.ts';

export const writeResult = (value: unknown): string =>
  `<?xml version="1.0"?>\n<methodResponse>\n<params>\n<param>\n${xmlValue(value)}</param>\n</params>\n</methodResponse>\n`;

export const writeFault = (code: number, text: string): string =>
  `<?xml version="1.0"?>\n<methodResponse>\n<fault>\n${xmlValue({ faultCode: code, faultString: text })}</fault>\n</methodResponse>\n`;

/** @throws OdooError TypeError for None */
function xmlValue(value: unknown): string {
  return `<value>${inner(value)}</value>\n`;
}

function inner(value: unknown): string {
  if (value === undefined || value === null)
    throw typeError('cannot marshal None unless allow_none is enabled');
  if (typeof value === 'boolean') return `<boolean>${value ? 1 : 0}</boolean>`;
  if (typeof value === 'number')
    return Number.isInteger(value) ? `<int>${value}</int>` : `<double>${value}</double>`;
  if (typeof value === 'string') return `<string>${escapeXml(value)}</string>`;
  if (Array.isArray(value)) return `<array><data>\n${value.map(xmlValue).join('')}</data></array>`;
  const members = Object.entries(value).map(
    ([name, member]) => `<member>\n<name>${escapeXml(name)}</name>\n${xmlValue(member)}</member>\n`,
  );
  return `<struct>\n${members.join('')}</struct>`;
}

/** Characters XML 1.0 cannot hold are left out. */
const escapeXml = (text: string) =>
  [...text]
    .filter((letter) => letter >= ' ' || letter === '\n' || letter === '\t' || letter === '\r')
    .join('')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
