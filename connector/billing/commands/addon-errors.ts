/** The answers the purchase or removal of an add-on can end in. Their codes are documented in docs/billing-api.md. */
import { ConnectorError, type ErrorKind } from '../../errors.ts';

const refusal = (kind: ErrorKind, code: string, message: string, advice: string) =>
  new ConnectorError({ kind, code, message, advice });

export const addOnNotFound = (named: string) =>
  refusal(
    'absent',
    'addon_not_found',
    `There is no add-on "${named}".`,
    'GET /api/v1/billing/addons lists them.',
  );

export const addOnNotCompatible = (name: string) =>
  refusal(
    'permanent',
    'addon_not_compatible',
    `${name} does not go with this plan.`,
    'Change the plan first.',
  );

/** What a change of plan would leave beside a plan or an interval it is not sold with. */
export const addOnInTheWay = (name: string, code: 'addon_not_compatible' | 'addon_without_price') =>
  refusal(
    'permanent',
    code,
    code === 'addon_not_compatible'
      ? `The subscription has ${name}, which does not go with that plan.`
      : `The subscription has ${name}, which is not sold by that interval.`,
    'Remove the add-on first.',
  );

export const addOnOwned = (name: string) =>
  refusal(
    'conflict',
    'addon_owned',
    `The subscription has ${name} already.`,
    'GET /api/v1/billing/my-addons.',
  );

export const addOnWithoutPrice = (name: string, interval: string) =>
  refusal(
    'permanent',
    'addon_without_price',
    `${name} is not sold by the ${interval}.`,
    'Choose another add-on.',
  );

export const addOnNotRemovable = () =>
  refusal(
    'conflict',
    'addon_not_removable',
    'It was sold once and is not billed again.',
    'There is nothing to stop.',
  );

export const domainRequired = () =>
  refusal('permanent', 'domain_required', 'This add-on is for a domain name.', 'Send it as "domain".');

export const domainNotRegistered = (domain: string) =>
  refusal('permanent', 'domain_not_registered', `${domain} is not registered.`, 'Register it first.');

export const domainNotDelegated = (domain: string, wanted: readonly string[]) =>
  refusal(
    'permanent',
    'domain_not_delegated',
    `${domain} does not use ${wanted.length === 0 ? 'any name servers' : 'our name servers'} yet.`,
    wanted.length === 0 ? 'Set its name servers first.' : `Set its name servers to ${wanted.join(', ')}.`,
  );
