/** A read of what may be gone. */
import { stripeCall } from './errors.ts';

/** null: Stripe has no such object. @throws ConnectorError as classified, for anything else */
export async function absentAsNull<T>(call: () => Promise<T>): Promise<T | null> {
  try {
    return await stripeCall(call);
  } catch (error) {
    if ((error as { kind?: string }).kind === 'absent') return null;
    throw error;
  }
}
