/** Types a field made by an administrator may have. */
export const TYPES = [
  'binary',
  'boolean',
  'char',
  'date',
  'datetime',
  'float',
  'html',
  'integer',
  'json',
  'many2many',
  'many2one',
  'many2one_reference',
  'monetary',
  'one2many',
  'selection',
  'text',
] as const;
