import { may, type Operation, rightsLacking } from '../../../connector/crm/erp-view.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import type { Odoo } from '../../../connector/odoo/odoo.ts';
import { type Finding, green, red, yellow } from './finding.ts';

/** What the work needs, model by model; the mapping's own models are looked at with the mappings as well. */
const NEEDED: Readonly<Record<string, readonly Operation[]>> = {
  'res.partner': ['read', 'create', 'write'],
  'crm.lead': ['read', 'create', 'write'],
  x_stripe_subscription: ['read', 'create', 'write'],
  x_stripe_request: ['read', 'write'],
  x_cde_folder: ['read', 'create', 'write'],
  'ir.attachment': ['read', 'create', 'write'],
  'mail.activity': ['read', 'create', 'write', 'unlink'],
  'mail.message': ['read', 'create'],
};

/** What a leaked key could do harm with, and the work never does. */
const TOO_MUCH: Readonly<Record<string, readonly Operation[]>> = {
  'res.users': ['create', 'write', 'unlink'],
  'res.groups': ['create', 'write'],
  'ir.config_parameter': ['read', 'write'],
  'ir.actions.server': ['read', 'create', 'write'],
  'ir.model.access': ['write'],
  'ir.model.data': ['read'],
  x_stripe_subscription: ['unlink'],
  x_stripe_request: ['create', 'unlink'],
  x_cde_folder: ['unlink'],
};

export async function rightsFindings(odoo: Odoo): Promise<readonly Finding[]> {
  const [few, many] = await Promise.all([tooFew(odoo), tooMany(odoo)]);
  const right = few.length === 0 ? [green('all rights the work needs')] : [];
  const least = many.length === 0 ? [green('no right beyond them that could do harm')] : [];
  return [...right, ...few, ...least, ...many];
}

async function tooFew(odoo: Odoo): Promise<Finding[]> {
  const found = await Promise.all(
    Object.entries(NEEDED).map(async ([model, operations]) => {
      const lacking = await unlessAbsent(() => rightsLacking(odoo, model, operations), undefined);
      if (lacking === undefined)
        return [
          red(
            `this ERP has no model ${model}`,
            model.startsWith('x_')
              ? 'Make it: npm run cli -- setup erp'
              : 'Install the apps CRM and Contacts in Odoo.',
          ),
        ];
      if (lacking.length === 0) return [];
      return [
        red(
          `the service’s user may not ${lacking.join(', ')} ${model}`,
          'Give it its groups back: npm run cli -- setup erp',
        ),
      ];
    }),
  );
  return found.flat();
}

async function tooMany(odoo: Odoo): Promise<Finding[]> {
  const found = await Promise.all(
    Object.entries(TOO_MUCH).map(async ([model, operations]) => {
      const granted = await Promise.all(
        operations.map((operation) => unlessAbsent(() => may(odoo, model, operation), false)),
      );
      const too = operations.filter((_, index) => granted[index] === true);
      if (too.length === 0) return [];
      return [
        yellow(
          `the service’s user may ${too.join(', ')} ${model}: more than it needs`,
          'Take the groups away that give it (docs/erp.md), or use the user that setup erp makes.',
        ),
      ];
    }),
  );
  return found.flat();
}

/** A model that is not there grants nothing. @throws ConnectorError when the ERP could not be asked */
async function unlessAbsent<T, Absent>(ask: () => Promise<T>, absent: Absent): Promise<T | Absent> {
  try {
    return await ask();
  } catch (thrown) {
    if (
      thrown instanceof ConnectorError &&
      thrown.kind === 'permanent' &&
      thrown.code !== 'odoo_authentication'
    )
      return absent;
    throw thrown;
  }
}
