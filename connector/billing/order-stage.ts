/** Where an order stands before it is paid; whoever is to know is told in the transaction that says so. */
import type { Tx } from '../db/database.ts';
import type { AfterCommit } from './transitions.ts';

/**
 * - `open`: its payment page was opened, or opened anew, perhaps with a changed draft.
 * - `abandoned`: its last session has closed unpaid.
 * - `forgotten`: never paid, and removed with all its data.
 */
export type OrderStage = 'open' | 'abandoned' | 'forgotten';

export type OnOrder = (
  tx: Tx,
  order: { readonly orderId: number; readonly stage: OrderStage },
) => Promise<AfterCommit>;
