/** Odoo's own payment providers, of which the sandbox has the one of `payment_stripe`. */
import { validationError } from '../errors.ts';
import { char, selection } from '../orm/fields.ts';
import type { ModelSource } from '../orm/registry.ts';
import type { Row } from '../orm/types.ts';

const SYSTEM = { group: 'base.group_system' };

export const paymentProvider: ModelSource = {
  name: 'payment.provider',
  description: 'Payment Provider',
  module: 'payment',
  fields: {
    name: char('Name', { required: true }),
    code: selection(
      'Code',
      [
        ['none', 'No Provider Set'],
        ['stripe', 'Stripe'],
      ],
      { required: true, defaultValue: 'none' },
    ),
    state: selection(
      'State',
      [
        ['disabled', 'Disabled'],
        ['enabled', 'Enabled'],
        ['test', 'Test Mode'],
      ],
      { required: true, defaultValue: 'disabled' },
    ),
    stripe_publishable_key: char('Publishable Key', SYSTEM),
    stripe_secret_key: char('Secret Key', SYSTEM),
    stripe_webhook_secret: char('Webhook Signing Secret', SYSTEM),
  },
  hooks: { created: checkKeys, written: (_env, row) => checkKeys(_env, row) },
};

/** @throws OdooError ValidationError: a provider in use has its keys. */
function checkKeys(_env: unknown, row: Row): void {
  if (row.code !== 'stripe' || row.state === 'disabled') return;
  const missing = [
    ['stripe_publishable_key', 'Publishable Key'],
    ['stripe_secret_key', 'Secret Key'],
  ].filter(([name]) => !row[name!]);
  if (missing.length > 0)
    throw validationError(
      `The following fields must be filled: ${missing.map(([, label]) => label).join(', ')}`,
    );
}
