/** A reference is an id or, expanded, the object itself. https://docs.stripe.com/api/expanding_objects */
type Reference = string | { readonly id: string };

/** The id either way; null where there is none. */
export function idOf(reference: Reference): string;
export function idOf(reference: Reference | null | undefined): string | null;
export function idOf(reference: Reference | null | undefined): string | null {
  return typeof reference === 'string' ? reference : (reference?.id ?? null);
}
