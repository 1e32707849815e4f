import { actionCode } from './action-code.ts';
import { resolve, type SetupContext } from './context.ts';

/** Creates a server action, runs it as the administrator and deletes it, whatever it answered. */
export async function runOnce<T>(
  context: SetupContext,
  input: { action: string; model: 'res.users'; values: Readonly<Record<string, unknown>> },
): Promise<T> {
  const { odoo } = context;
  const [id] = await odoo.call<number[]>('ir.actions.server', 'create', {
    vals_list: [
      {
        name: `Stripe Connector: ${input.action}`,
        state: 'code',
        model_id: await resolve(context, 'base.model_res_users'),
        code: actionCode(input.action, context.facts),
      },
    ],
  });
  try {
    const answer = await odoo.call<{ infos: T }>('ir.actions.server', 'run', {
      ids: [id!],
      context: { active_model: input.model, stripe_connector: input.values },
    });
    return answer.infos;
  } finally {
    await odoo.call('ir.actions.server', 'unlink', { ids: [id!] });
  }
}
