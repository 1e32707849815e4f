import { findOne, giveName, type SetupContext, type Step } from './context.ts';

const NAME = 'group_connector';

/** The group that may run the guarded actions and write our models; the service's user is its only member. */
export function groupStep(context: SetupContext): Step {
  const current = () =>
    findOne<{ id: number }>(context.odoo, 'res.groups', [['id', '=', context.ids.get(NAME) ?? 0]], ['name']);
  return {
    title: 'group "Stripe Connector"',
    needed: async () => (await current()) === undefined,
    apply: async () => {
      const [id] = await context.odoo.call<number[]>('res.groups', 'create', {
        vals_list: [
          { name: 'Stripe Connector', comment: 'The service that connects Stripe. Not for people.' },
        ],
      });
      await giveName(context, [{ name: NAME, model: 'res.groups', id: id! }]);
    },
  };
}
