/** Our fields on Odoo's own models: who the partner is in Stripe, and how many subscriptions a record has. */
import { qualified } from '../../../connector/crm/ids.ts';
import { OFFER_FIELDS } from '../../../connector/crm/lead-offer.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import type { SetupContext, Step } from './context.ts';

export const COUNT_FIELD = 'x_stripe_subscription_count';
export const CUSTOMER_FIELD = 'x_stripe_customer_id';

interface LinkField {
  readonly model: 'res.partner' | 'crm.lead';
  readonly modelXmlId: string;
  readonly name: string;
  readonly label: string;
  readonly help: string;
  readonly type: 'char' | 'integer' | 'float' | 'selection';
  /** Values and labels of a selection. */
  readonly selection?: readonly (readonly [value: string, label: string])[];
  /** Python; the field is worked out at each read and not stored. */
  readonly compute?: string;
}

// Counted past all rights: a user without Sales must be able to open a contact. The button is Sales' alone.
const count = (link: string): string =>
  `for record in self:\n    record['${COUNT_FIELD}'] = record.env['x_stripe_subscription'].sudo().search_count([('${link}', '=', record.id or 0)])`;

const offered = (
  name: keyof typeof OFFER_FIELDS,
  rest: Pick<LinkField, 'label' | 'help' | 'type' | 'selection'>,
): LinkField => ({
  model: 'crm.lead',
  modelXmlId: 'crm.model_crm_lead',
  name: OFFER_FIELDS[name],
  ...rest,
});

/** What "Send Checkout Link" offers. */
const OFFERED: readonly LinkField[] = [
  offered('plan', {
    label: 'Plan',
    help: 'Key of the plan the customer is to buy, as in mappings/plans.json: starter, professional, …',
    type: 'char',
  }),
  offered('interval', {
    label: 'Billed',
    help: 'How often it is billed; empty: every month.',
    type: 'selection',
    selection: [
      ['month', 'Monthly'],
      ['year', 'Yearly'],
    ],
  }),
  offered('setup', {
    label: 'Set-up Amount',
    help: 'A price of its own, once, with the first invoice. Leave both amounts empty for the plan’s own prices.',
    type: 'float',
  }),
  offered('recurring', {
    label: 'Recurring Amount',
    help: 'A price of its own, per interval. Leave both amounts empty for the plan’s own prices.',
    type: 'float',
  }),
  offered('currency', {
    label: 'Price Currency',
    help: 'Currency of these two amounts, three letters (ISO 4217); empty: the price list’s.',
    type: 'char',
  }),
];

export const LINK_FIELDS: readonly LinkField[] = [
  {
    model: 'res.partner',
    modelXmlId: 'base.model_res_partner',
    name: CUSTOMER_FIELD,
    label: 'Stripe Customer',
    help: 'Stripe’s id of this customer (cus_…), set by the connector when it makes the company.',
    type: 'char',
  },
  {
    model: 'res.partner',
    modelXmlId: 'base.model_res_partner',
    name: COUNT_FIELD,
    label: 'Subscriptions',
    help: 'Number of Stripe subscriptions this organisation pays or has paid.',
    type: 'integer',
    compute: count('x_partner_id'),
  },
  {
    model: 'crm.lead',
    modelXmlId: 'crm.model_crm_lead',
    name: COUNT_FIELD,
    label: 'Subscriptions',
    help: 'Number of Stripe subscriptions that began with this opportunity.',
    type: 'integer',
    compute: count('x_opportunity_id'),
  },
  ...OFFERED,
];

const linkFieldName = (field: LinkField): string => `field_${field.model.replace('.', '_')}__${field.name}`;

export const linkFieldNames: readonly string[] = LINK_FIELDS.map(linkFieldName);

interface FieldRow {
  readonly id: number;
  readonly name: string;
  readonly model: string;
  readonly field_description: string;
  readonly help: string | false;
  readonly compute: string | false;
}

/** All in one `load`: Odoo builds its registry anew after each call that makes fields, which takes a second. */
export function linkFieldsStep(context: SetupContext): Step {
  const { odoo, ids } = context;
  const compare = async () => {
    const rows = await odoo.call<FieldRow[]>('ir.model.fields', 'search_read', {
      domain: [
        ['model', 'in', LINK_FIELDS.map(({ model }) => model)],
        ['name', 'in', LINK_FIELDS.map(({ name }) => name)],
      ],
      fields: ['name', 'model', 'field_description', 'help', 'compute'],
    });
    return LINK_FIELDS.map((field) => {
      const row = rows.find(({ model, name }) => model === field.model && name === field.name);
      const same =
        row !== undefined &&
        row.field_description === field.label &&
        row.help === field.help &&
        (row.compute || undefined) === field.compute;
      return { field, row, same, ours: row !== undefined && ids.get(linkFieldName(field)) === row.id };
    });
  };
  return {
    title: 'fields on res.partner and crm.lead',
    needed: async () => {
      const compared = await compare();
      const foreign = compared.find(({ row, ours }) => row !== undefined && !ours);
      if (foreign !== undefined) throw taken(foreign.field);
      const wrong = compared.filter(({ same }) => !same);
      return wrong.length > 0 && wrong.map(({ field }) => `${field.model}.${field.name}`).join(', ');
    },
    apply: async () => {
      const compared = await compare();
      const missing = compared.filter(({ row }) => row === undefined).map(({ field }) => field);
      await load(context, missing, (field) => ({ ...textCells(field), ...natureCells(field) }));
      // What a field is can be said only once.
      const changed = compared.filter(({ row, same }) => row !== undefined && !same);
      await load(
        context,
        changed.map(({ field }) => field),
        textCells,
      );
    },
  };
}

type Cells = Readonly<Record<string, string>>;

const textCells = (field: LinkField): Cells => ({
  id: qualified(linkFieldName(field)),
  field_description: field.label,
  help: field.help,
  compute: field.compute ?? '',
});

const natureCells = (field: LinkField): Cells => ({
  'model_id/id': field.modelXmlId,
  name: field.name,
  ttype: field.type,
  selection: field.selection === undefined ? '' : selectionText(field.selection),
  copied: 'False',
  store: field.compute === undefined ? 'True' : 'False',
  readonly: field.compute === undefined ? 'False' : 'True',
});

/** As Odoo reads it: a Python list of pairs. */
const selectionText = (pairs: readonly (readonly [string, string])[]): string =>
  `[${pairs.map(([value, label]) => `('${value}', '${label}')`).join(', ')}]`;

async function load(
  { odoo, ids }: SetupContext,
  fields: readonly LinkField[],
  cellsOf: (field: LinkField) => Cells,
): Promise<void> {
  const [first] = fields;
  if (first === undefined) return;
  const made = await odoo.load(
    'ir.model.fields',
    Object.keys(cellsOf(first)),
    fields.map((field) => Object.values(cellsOf(field))),
  );
  fields.forEach((field, index) => {
    ids.set(linkFieldName(field), made[index]!);
  });
}

const taken = ({ model, name }: LinkField): ConnectorError =>
  new ConnectorError({
    kind: 'conflict',
    code: 'erp_field_taken',
    system: 'odoo',
    message: `${model} has a field ${name} the connector did not make`,
    advice: 'Rename or delete that field in Odoo (Settings → Technical → Fields), then run set-up again.',
  });
