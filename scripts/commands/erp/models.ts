/** The models `setup erp` makes. Every field has a help text: staff meet them in Odoo's own forms. */

export interface FieldPlan {
  readonly name: string;
  readonly label: string;
  readonly help: string;
  readonly type:
    | 'char'
    | 'text'
    | 'integer'
    | 'boolean'
    | 'datetime'
    | 'many2one'
    | 'many2many'
    | 'monetary'
    | 'selection';
  readonly required?: boolean;
  readonly index?: boolean;
  readonly relation?: string;
  /** What happens to our record when the related one is deleted. */
  readonly onDelete?: 'set null' | 'cascade' | 'restrict';
  readonly currencyField?: string;
  /** Python; the field is worked out at each read and not stored. */
  readonly compute?: string;
  /** Selection: groups without records are shown too, in the order of the options. */
  readonly showEmptyGroups?: boolean;
  readonly options?: readonly (readonly [value: string, label: string])[];
}

export interface AccessPlan {
  readonly key: string;
  /** External id of the group. */
  readonly group: string;
  readonly rights: 'r' | 'rw' | 'rwc' | 'rwcd';
}

export interface ModelPlan {
  readonly model: string;
  readonly label: string;
  /** Chatter and activities. */
  readonly mailThread: boolean;
  readonly fields: readonly FieldPlan[];
  readonly access: readonly AccessPlan[];
}

// Salespeople read, sales managers correct, the service writes; only administrators delete.
const ACCESS: readonly AccessPlan[] = [
  { key: 'salespeople', group: 'sales_team.group_sale_salesman', rights: 'r' },
  { key: 'managers', group: 'sales_team.group_sale_manager', rights: 'rw' },
  { key: 'connector', group: 'stripe_connector.group_connector', rights: 'rwc' },
  { key: 'administrators', group: 'base.group_system', rights: 'rwcd' },
];

// A folder and all below it; Odoo's own `child_of` knows no parent field that administrators made.
const below = (field: string, found: string): string =>
  [
    'for record in self:',
    '    below = level = record',
    '    while level:',
    "        level = record.env['x_cde_folder'].search([('x_parent_id', 'in', level.ids)]) - below",
    '        below |= level',
    `    record['${field}'] = ${found}`,
  ].join('\n');

const FOLDER: ModelPlan = {
  model: 'x_cde_folder',
  label: 'CDE Folder',
  mailThread: false,
  access: ACCESS,
  fields: [
    {
      name: 'x_name',
      label: 'Name',
      type: 'char',
      required: true,
      help: 'Name of the folder; of the workspace, when it has no parent.',
    },
    {
      name: 'x_path',
      label: 'Path',
      type: 'char',
      help: 'Folder names from the workspace down, as mappings/workspace.json has them.',
    },
    {
      name: 'x_parent_id',
      label: 'Parent',
      type: 'many2one',
      relation: 'x_cde_folder',
      onDelete: 'restrict',
      index: true,
      help: 'The folder above; empty: this is the workspace itself.',
    },
    {
      name: 'x_partner_id',
      label: 'Customer',
      type: 'many2one',
      relation: 'res.partner',
      onDelete: 'set null',
      index: true,
      help: 'The organisation whose workspace this is.',
    },
    {
      name: 'x_project_code',
      label: 'Project Code',
      type: 'char',
      help: 'Code of the project the workspace belongs to.',
    },
    {
      name: 'x_folder_ids',
      label: 'Folders',
      type: 'many2many',
      relation: 'x_cde_folder',
      help: 'All folders below this one.',
      compute: below('x_folder_ids', 'below - record'),
    },
    {
      name: 'x_file_ids',
      label: 'Files',
      type: 'many2many',
      relation: 'ir.attachment',
      help: 'The files of this folder and of all below it.',
      compute: below(
        'x_file_ids',
        "record.env['ir.attachment'].search([('res_model', '=', 'x_cde_folder'), ('res_id', 'in', below.ids)])",
      ),
    },
  ],
};

const SUBSCRIPTION: ModelPlan = {
  model: 'x_stripe_subscription',
  label: 'Stripe Subscription',
  mailThread: true,
  access: ACCESS,
  fields: [
    { name: 'x_name', label: 'Name', type: 'char', required: true, help: 'Organisation and plan.' },
    {
      name: 'x_stripe_id',
      label: 'Stripe Subscription',
      type: 'char',
      index: true,
      help: 'Stripe’s id of the subscription (sub_…); unique.',
    },
    {
      name: 'x_stripe_customer_id',
      label: 'Stripe Customer',
      type: 'char',
      index: true,
      help: 'Stripe’s id of the paying customer (cus_…).',
    },
    {
      name: 'x_partner_id',
      label: 'Customer',
      type: 'many2one',
      relation: 'res.partner',
      onDelete: 'set null',
      index: true,
      help: 'The organisation that pays.',
    },
    {
      name: 'x_opportunity_id',
      label: 'Opportunity',
      type: 'many2one',
      relation: 'crm.lead',
      onDelete: 'set null',
      help: 'The opportunity of the order that began this subscription.',
    },
    {
      name: 'x_workspace_id',
      label: 'Workspace',
      type: 'many2one',
      relation: 'x_cde_folder',
      onDelete: 'set null',
      help: 'The documents workspace of the project, where it is a folder of the connector’s own.',
    },
    {
      name: 'x_workspace_url',
      label: 'Workspace Page',
      type: 'char',
      help: 'Opens the documents workspace of the project, wherever it lies.',
    },
    {
      name: 'x_bucket',
      label: 'Storage Bucket',
      type: 'char',
      help: 'Name of the project’s storage bucket.',
    },
    { name: 'x_order', label: 'Order', type: 'integer', help: 'The connector’s order number.' },
    {
      name: 'x_project_code',
      label: 'Project Code',
      type: 'char',
      help: 'Code of the project, as given at checkout.',
    },
    {
      name: 'x_project_name',
      label: 'Project',
      type: 'char',
      help: 'Name of the project, as given at checkout.',
    },
    {
      name: 'x_plan',
      label: 'Plan',
      type: 'char',
      index: true,
      help: 'Key of the plan in mappings/plans.json.',
    },
    {
      name: 'x_status',
      label: 'Stripe Status',
      type: 'char',
      index: true,
      help: 'Stripe’s word, mirrored: active, trialing, past_due, canceled…',
    },
    {
      name: 'x_state',
      label: 'Status',
      type: 'selection',
      index: true,
      showEmptyGroups: true,
      help: 'Where the subscription stands, in one word: what Stripe says and what the connector has done about it.',
      options: [
        ['starting', 'Starting'],
        ['trial', 'Trial'],
        ['active', 'Active'],
        ['past_due', 'Past Due'],
        ['suspended', 'Suspended'],
        ['ended', 'Ended'],
      ],
    },
    {
      name: 'x_access',
      label: 'Access',
      type: 'selection',
      index: true,
      help: 'What the connector has done: provisioned customers can work, suspended ones only read.',
      options: [
        ['none', 'None'],
        ['provisioning', 'Being set up'],
        ['provisioned', 'Provisioned'],
        ['suspended', 'Suspended'],
        ['deprovisioned', 'Deprovisioned'],
      ],
    },
    {
      name: 'x_interval',
      label: 'Billed Every',
      type: 'selection',
      help: 'Billing interval.',
      options: [
        ['month', 'Month'],
        ['year', 'Year'],
      ],
    },
    {
      name: 'x_quantity',
      label: 'Quantity',
      type: 'integer',
      help: 'Number of units billed; users, where the plan counts users.',
    },
    {
      name: 'x_currency_id',
      label: 'Currency',
      type: 'many2one',
      relation: 'res.currency',
      onDelete: 'restrict',
      help: 'Currency Stripe bills in.',
    },
    {
      name: 'x_amount',
      label: 'Recurring Amount',
      type: 'monetary',
      currencyField: 'x_currency_id',
      help: 'Billed per interval, before discounts and taxes.',
    },
    {
      name: 'x_mrr',
      label: 'Monthly Revenue',
      type: 'monetary',
      currencyField: 'x_currency_id',
      help: 'Recurring amount by the month; a yearly one counts a twelfth. Zero in a trial, a pause and after the end.',
    },
    {
      name: 'x_first_amount',
      label: 'First Payment',
      type: 'monetary',
      currencyField: 'x_currency_id',
      help: 'Paid with the first invoice, set-up fee included.',
    },
    {
      name: 'x_first_invoice',
      label: 'First Invoice',
      type: 'char',
      help: 'Stripe’s id of the first invoice (in_…).',
    },
    {
      name: 'x_first_paid_at',
      label: 'Customer Since',
      type: 'datetime',
      help: 'When the first invoice was paid.',
    },
    {
      name: 'x_period_start',
      label: 'Period Start',
      type: 'datetime',
      help: 'Start of the period paid for.',
    },
    {
      name: 'x_period_end',
      label: 'Period End',
      type: 'datetime',
      help: 'End of the period paid for; the next invoice is due then.',
    },
    {
      name: 'x_cancel_at_period_end',
      label: 'Ends With Period',
      type: 'boolean',
      help: 'The customer has cancelled; the subscription runs to the end of the period.',
    },
    {
      name: 'x_canceled_at',
      label: 'Cancelled On',
      type: 'datetime',
      help: 'When the cancellation was asked for.',
    },
    { name: 'x_ended_at', label: 'Ended On', type: 'datetime', help: 'When the subscription ended.' },
    {
      name: 'x_trial_end',
      label: 'Trial Ends',
      type: 'datetime',
      help: 'End of the trial, where there is one.',
    },
    {
      name: 'x_version',
      label: 'Version',
      type: 'integer',
      help: 'Raised by the connector with each change it writes.',
    },
  ],
};

// Nobody writes a request by hand: a button's server action does, in the name of whoever pressed it.
const REQUEST: ModelPlan = {
  model: 'x_stripe_request',
  label: 'Stripe Request',
  mailThread: false,
  access: [
    { key: 'salespeople', group: 'sales_team.group_sale_salesman', rights: 'r' },
    { key: 'connector', group: 'stripe_connector.group_connector', rights: 'rw' },
    { key: 'administrators', group: 'base.group_system', rights: 'rwcd' },
  ],
  fields: [
    {
      name: 'x_name',
      label: 'Request',
      type: 'char',
      required: true,
      help: 'What was asked, and about what.',
    },
    {
      name: 'x_request',
      label: 'Random Id',
      type: 'char',
      required: true,
      index: true,
      help: 'By it the connector does a request once; unique.',
    },
    {
      name: 'x_action',
      label: 'Action',
      type: 'char',
      required: true,
      index: true,
      help: 'The button that was pressed, by the connector’s name.',
    },
    {
      name: 'x_subscription_id',
      label: 'Subscription',
      type: 'many2one',
      relation: 'x_stripe_subscription',
      onDelete: 'set null',
      index: true,
      help: 'The subscription asked about.',
    },
    {
      name: 'x_opportunity_id',
      label: 'Opportunity',
      type: 'many2one',
      relation: 'crm.lead',
      onDelete: 'set null',
      index: true,
      help: 'The opportunity asked about.',
    },
    {
      name: 'x_partner_id',
      label: 'Customer',
      type: 'many2one',
      relation: 'res.partner',
      onDelete: 'set null',
      index: true,
      help: 'The contact asked about.',
    },
    {
      name: 'x_asker_id',
      label: 'Asked By',
      type: 'many2one',
      relation: 'res.users',
      onDelete: 'set null',
      help: 'Who pressed the button.',
    },
    { name: 'x_asked_at', label: 'Asked On', type: 'datetime', help: 'When the button was pressed.' },
    {
      name: 'x_input',
      label: 'Details',
      type: 'text',
      help: 'What was given along with it, for the connector (JSON).',
    },
    {
      name: 'x_state',
      label: 'Status',
      type: 'selection',
      required: true,
      index: true,
      showEmptyGroups: true,
      help: 'Waiting: the connector has not answered yet. Refused: it must not be done. Failed: another system could not.',
      options: [
        ['waiting', 'Waiting'],
        ['done', 'Done'],
        ['refused', 'Refused'],
        ['failed', 'Failed'],
      ],
    },
    { name: 'x_answered_at', label: 'Answered On', type: 'datetime', help: 'When the connector answered.' },
    { name: 'x_answer', label: 'Answer', type: 'text', help: 'What the connector has done, or why not.' },
    {
      name: 'x_url',
      label: 'Link',
      type: 'char',
      help: 'Where the answer leads, such as the customer portal. Cleared after an hour.',
    },
  ],
};

/** In the order in which they can be made: a relation's model comes first. */
export const MODELS: readonly ModelPlan[] = [FOLDER, SUBSCRIPTION, REQUEST];
