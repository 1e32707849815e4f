/** Odoo's exceptions, by the names its RPC answers carry. Clients tell them apart by `data.name`, so the name is the contract. */

export class OdooError extends Error {
  /** `odoo.exceptions.AccessError`, `builtins.ValueError`, … */
  readonly exception: string;
  /** What `load` puts into its messages; differs from the message where Odoo adds a sentence for RPC callers. */
  readonly bare: string;
  readonly field: string | undefined;

  constructor(
    exception: string,
    message: string,
    details: { bare?: string; field?: string | undefined } = {},
  ) {
    super(message);
    this.exception = exception;
    this.bare = details.bare ?? message;
    this.field = details.field;
  }
}

export const accessError = (message: string) => new OdooError('odoo.exceptions.AccessError', message);
export const accessDenied = () => new OdooError('odoo.exceptions.AccessDenied', 'Access Denied');
export const userError = (message: string) => new OdooError('odoo.exceptions.UserError', message);
export const validationError = (message: string) => new OdooError('odoo.exceptions.ValidationError', message);
export const redirectWarning = (message: string) => new OdooError('odoo.exceptions.RedirectWarning', message);
export const valueError = (message: string) => new OdooError('builtins.ValueError', message);
export const keyError = (message: string) => new OdooError('builtins.KeyError', message);
export const typeError = (message: string) => new OdooError('builtins.TypeError', message);
export const attributeError = (message: string) => new OdooError('builtins.AttributeError', message);

/** A constraint of the database: RPC callers see it as a ValidationError with a sentence before it; `load` says `bare`. */
export const integrityError = (text: string, field?: string, bare: string = text) =>
  new OdooError(
    'odoo.exceptions.ValidationError',
    `The operation cannot be completed:${text.startsWith('\n') ? '' : ' '}${text}`,
    {
      bare,
      field,
    },
  );

export const missingError = (input: { model: string; ids: readonly number[]; uid: number }) =>
  new OdooError(
    'odoo.exceptions.MissingError',
    `Record does not exist or has been deleted.\n(Record: ${input.model}(${input.ids.join(', ')},), User: ${input.uid})`,
  );
