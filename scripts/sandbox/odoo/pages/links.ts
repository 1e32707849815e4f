/** Addresses of the pages, and texts made safe. */
import { escapeHtml } from '../../page.ts';

export const recordPath = (model: string, id: number): string => `/odoo/${encodeURIComponent(model)}/${id}`;

export const recordLink = (model: string, id: number, name: string): string =>
  `<a href="${recordPath(model, id)}">${escapeHtml(name || `${model} ${id}`)}</a>`;

export const filePath = (model: string, id: number): string => `${recordPath(model, id)}/file`;
