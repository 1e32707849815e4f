/** The demo's customer: fills the wizard's data in, pays at the sandbox's checkout with a test card. */
import { ConnectorError } from '../../connector/errors.ts';
import type { World } from '../sandbox/world.ts';

export const TEST_CARD = '4242424242424242';

/**
 * Bought twice with one tag (a demo killed in the middle of it) it is one purchase, by the checkout's own idempotency.
 * @returns the order's address, which is the key to it
 * @throws ConnectorError permanent `demo_checkout_refused` with the API's answer
 */
export async function buy(input: {
  publicUrl: string;
  world: World;
  plan: string;
  tag: string;
}): Promise<string> {
  const answer = await fetch(`${input.publicUrl}/api/v1/billing/checkout`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': `demo-purchase-${input.tag}`,
    },
    body: JSON.stringify(wizardData(input.plan, input.tag)),
  });
  const body = (await answer.json()) as Record<string, unknown>;
  if (answer.status !== 201) {
    throw new ConnectorError({
      kind: 'permanent',
      code: 'demo_checkout_refused',
      message: `checkout answered ${answer.status}: ${JSON.stringify(body)}`,
    });
  }
  const sessionId = String(body.session_id);
  const { stripe } = input.world.systems;
  const paid = stripe.sessions().some(({ id, status }) => id === sessionId && status === 'complete');
  if (!paid) stripe.payCheckout(sessionId, { card: TEST_CARD });
  return String(body.order_url);
}

/** Every demo is another company: names and addresses must not meet those of an earlier one in a real ERP. */
function wizardData(plan: string, tag: string): object {
  const at = (who: string): string => `${who}@nordhavn-${tag}.example`;
  return {
    plan,
    interval: 'month',
    locale: 'en',
    organisation: {
      name: `Nordhavn Byg ${tag.toUpperCase()}`,
      country: 'DK',
      contact_name: 'Astrid Holm',
      contact_email: at('astrid'),
    },
    project: {
      name: 'Nordhavn Metro Depot',
      code: `NMD-${tag.toUpperCase()}`,
      description: 'Depot and workshops for the metro’s northern extension',
      client: 'Metro Company',
    },
    stakeholders: [
      { name: 'Astrid Holm', email: at('astrid'), role: 'appointing_party' },
      { name: 'Lars Jensen', email: at('lars'), role: 'lead_appointed_party' },
      { name: 'Ines Moreau', email: at('ines'), role: 'information_manager' },
    ],
  };
}
