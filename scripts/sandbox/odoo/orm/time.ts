/** Odoo's texts for moments: UTC, no zone, seconds. */
import { valueError } from '../errors.ts';

export const toDatetime = (moment: Date): string => moment.toISOString().slice(0, 19).replace('T', ' ');
export const toDate = (moment: Date): string => moment.toISOString().slice(0, 10);

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DATETIME = /^(\d{4}-\d{2}-\d{2}) ([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/;

export function isDate(text: string): boolean {
  const parts = DATE.exec(text);
  if (parts === null) return false;
  const moment = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(moment.getTime()) && toDate(moment) === text;
}

export function isDatetime(text: string): boolean {
  const parts = DATETIME.exec(text);
  return parts !== null && isDate(parts[1]!);
}

/** @throws OdooError ValueError for anything but `YYYY-MM-DD` (a datetime loses its time). */
export function parseDate(value: unknown): string {
  const text = String(value).slice(0, 10);
  if (!isDate(text)) throw valueError(`time data '${text}' does not match format '%Y-%m-%d'`);
  return text;
}

/** @throws OdooError ValueError for anything but `YYYY-MM-DD HH:MM:SS` or a date; ISO's `T` and `Z` are refused. */
export function parseDatetime(value: unknown): string {
  const text = String(value);
  if (isDate(text)) return `${text} 00:00:00`;
  if (!isDatetime(text)) throw valueError(`time data '${text}' does not match format '%Y-%m-%d %H:%M:%S'`);
  return text;
}
