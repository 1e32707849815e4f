/** One value of a record as HTML. */
import { escapeHtml } from '../../page.ts';
import { sanitizeHtml } from '../html/sanitize.ts';
import { relationPair } from '../orm/display-name.ts';
import type { Env, Field } from '../orm/types.ts';
import { recordLink } from './links.ts';

const LONG_LIST = 30;

export function shownValue(env: Env, field: Field, value: unknown): string {
  if (field.type === 'boolean') return value === true ? 'yes' : 'no';
  if (value === false || value === null || value === undefined) return '';
  if (field.type === 'many2one') {
    const [id, name] = value as [number, string];
    return recordLink(field.relation!, id, name);
  }
  if (Array.isArray(value)) {
    const links = (value as number[]).slice(0, LONG_LIST).map((id) => {
      const pair = relationPair(env, field.relation!, id);
      return recordLink(field.relation!, id, pair === false ? '' : pair[1]);
    });
    return links.join('<br>') + (value.length > LONG_LIST ? `<br>and ${value.length - LONG_LIST} more` : '');
  }
  if (field.type === 'selection')
    return escapeHtml((field.selection ?? []).find(([key]) => key === value)?.[1] ?? String(value));
  if (field.type === 'monetary') return Number(value).toFixed(2);
  if (field.type === 'html') return sanitizeHtml(String(value));
  if (field.type === 'binary') return '<small>file</small>';
  return escapeHtml(typeof value === 'object' ? JSON.stringify(value) : String(value));
}
