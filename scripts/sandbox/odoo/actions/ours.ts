/** Whether a user was made by the connector: the action that makes portal users marks each with an external id. */
import { resolveXmlid } from '../orm/external-ids.ts';
import type { Env, Row } from '../orm/types.ts';

export const markOf = (userId: number): string => `stripe_connector.portal_user_${userId}`;

export const isOurs = (env: Env, user: Row): boolean => {
  const target = resolveXmlid(env.erp, markOf(user.id));
  return target?.model === 'res.users' && target.id === user.id;
};
