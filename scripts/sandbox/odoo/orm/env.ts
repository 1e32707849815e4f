/** Environments in which nobody asks for rights. */
import type { Env, Erp } from './types.ts';

export const systemEnv = (erp: Erp, uid = 1): Env => ({ erp, uid, su: true, context: {} });
