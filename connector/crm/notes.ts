import type { Sale } from '../billing/sale.ts';
import { bind, findBindings, intend } from './bindings.ts';
import type { CrmDeps } from './deps.ts';
import { externalId } from './ids.ts';

const MODEL = 'mail.message';

/**
 * A note in the opportunity's chatter, once per key. The key travels in the message's Message-ID, by which a repeat
 * finds what an answer that was never read has left (`message_post` takes `message_id`, measured on 17, 18, 19).
 * @param input.html as made by `html`: every text in it escaped
 */
export async function postNote(
  deps: CrmDeps,
  sale: Sale,
  input: { opportunityId: number; key: string; html: string },
): Promise<void> {
  const name = externalId.note(`order_${sale.orderId}_${input.key}`);
  const model = deps.mapping.records.opportunity.model;
  const messageId = `<${name}@${new URL(deps.publicUrl).hostname}>`;
  if ((await findBindings(deps.db, [name])).get(name)?.resId != null) return;

  const isFirst = (await intend(deps.db, MODEL, [name])).has(name);
  const [posted] = isFirst
    ? []
    : await deps.odoo.call<number[]>(MODEL, 'search', {
        domain: [
          ['model', '=', model],
          ['res_id', '=', input.opportunityId],
          ['message_id', '=', messageId],
        ],
        limit: 1,
      });
  const resId =
    posted ??
    (await deps.odoo.call<number>(model, 'message_post', {
      ids: [input.opportunityId],
      body: input.html,
      body_is_html: true,
      message_type: 'comment',
      subtype_xmlid: 'mail.mt_note',
      message_id: messageId,
    }));
  await bind(deps.db, [{ name, resId }]);
}
