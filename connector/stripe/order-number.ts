/** The number of an order of ours, as Stripe keeps it for us in texts anybody with the Dashboard can edit. */

/** null: no order of ours is named */
export const orderNumber = (text: string | undefined | null): number | null =>
  /^[1-9]\d{0,14}$/.test(text ?? '') ? Number(text) : null;
