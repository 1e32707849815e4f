/** Partner methods about passwords and links, which differ from version to version. */
import { userError } from '../errors.ts';
import type { Call, Env, Method, Row, Version } from '../orm/types.ts';
import { existing } from '../orm/write.ts';
import { mintResetUrl } from '../reset-token.ts';

const userOf = (env: Env, partner: Row): Row | undefined => {
  const [id] = env.erp.tables.lookup('res.users', 'partner_id', partner.id) ?? [];
  return id === undefined ? undefined : env.erp.tables.get('res.users', id);
};

function prepare({ env, model, ids, args }: Call): true {
  for (const id of ids) {
    const row = existing(env, model, id);
    env.erp.tables.put(model.name, { ...row, signup_type: args.signup_type ?? 'signup' });
  }
  return true;
}

/** Where a person goes: to set a password once it was prepared, else to the login. */
export function signupUrl(env: Env, partner: Row): string | false {
  const user = userOf(env, partner);
  if (user === undefined) return false;
  return partner.signup_type === 'reset'
    ? mintResetUrl(env.erp, user)
    : `${env.erp.url()}/web/login?db=${env.erp.db}&login=${encodeURIComponent(String(user.login))}`;
}

export const signupMethods = (version: Version): Record<string, Method> => ({
  signup_prepare: { params: ['signup_type', 'expiration'], run: prepare },
  ...(version === 17
    ? {}
    : {
        signup_get_auth_param: {
          params: [],
          run: ({ env, ids }: Call) =>
            Object.fromEntries(
              ids.map((id) => {
                const user = userOf(env, existing(env, env.erp.registry.get('res.partner'), id));
                return [String(id), user === undefined ? {} : { auth_login: user.login }];
              }),
            ),
        },
      }),
});

/** Odoo mails a link; without a mail server the mail fails and the call does not. */
export const passwordMethods = (version: Version): Record<string, Method> => ({
  action_reset_password: {
    params: [],
    run({ env, model, ids }) {
      for (const id of ids) {
        const user = existing(env, model, id);
        const partner = env.erp.tables.get('res.partner', Number(user.partner_id));
        if (!partner?.email)
          throw userError(`Cannot send email: user ${partner?.name} has no email address.`);
      }
      return version === 17
        ? undefined
        : {
            type: 'ir.actions.client',
            tag: 'display_notification',
            params: { type: 'success', sticky: false },
          };
    },
  },
});
