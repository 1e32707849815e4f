/** What goes with the stage and with the customer of an opportunity. */
import { validationError } from '../errors.ts';
import { toDatetime } from '../orm/time.ts';
import type { Env, Row, Vals } from '../orm/types.ts';

export const isWonStage = (env: Env, stage: unknown) =>
  env.erp.tables.get('crm.stage', Number(stage))?.is_won === true;

export const firstStage = (env: Env): number =>
  [...env.erp.tables.all('crm.stage')].sort((a, b) => Number(a.sequence) - Number(b.sequence))[0]?.id ?? 0;

export function wonStage(env: Env): number {
  const stage = [...env.erp.tables.all('crm.stage')].find((row) => row.is_won === true);
  if (stage === undefined) throw validationError('There is no stage marked as won.');
  return stage.id;
}

/** What goes with a stage: a won stage means 100 %, a closing date and an active opportunity. */
export function followStage(env: Env, vals: Vals, before: Row | undefined): Vals {
  if (!('stage_id' in vals) || vals.stage_id === before?.stage_id) return vals;
  if (isWonStage(env, vals.stage_id)) {
    // Before 19 a lead made in a won stage directly has no closing date.
    const closed = before !== undefined || env.erp.version === 19;
    return {
      ...vals,
      probability: 100,
      automated_probability: 100,
      ...(closed ? { date_closed: toDatetime(env.erp.now()) } : {}),
    };
  }
  if (before !== undefined && isWonStage(env, before.stage_id)) {
    const probability = 'probability' in vals ? {} : { probability: 0 };
    return { ...vals, ...probability, date_closed: false };
  }
  return vals;
}

export function fromPartner(env: Env, vals: Vals, given: Vals): Vals {
  const partner = env.erp.tables.get('res.partner', Number(vals.partner_id || 0));
  if (partner === undefined) return vals;
  const company =
    partner.is_company === true ? partner : env.erp.tables.get('res.partner', Number(partner.parent_id || 0));
  const suggested: Vals = {
    partner_name: company?.name ?? partner.company_name ?? false,
    contact_name: partner.is_company === true ? false : partner.name,
    email_from: partner.email,
    phone: partner.phone,
    street: partner.street,
    zip: partner.zip,
    city: partner.city,
    country_id: partner.country_id,
    website: partner.website,
    function: partner.function,
  };
  const filled = { ...vals };
  for (const [name, value] of Object.entries(suggested)) if (!(name in given)) filled[name] = value;
  return filled;
}
