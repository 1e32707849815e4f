import { ConnectorError } from '../errors.ts';
import { type Call, changesNothing } from './transport.ts';

/** A read whose connection broke is asked once more at once; anything that may have written never is. */
export async function onceMoreAfterReset<T>(call: Call, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const broken = thrown instanceof ConnectorError && thrown.code === 'odoo_connection_lost';
    if (broken && changesNothing(call)) return work();
    throw thrown;
  }
}
