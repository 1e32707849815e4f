/** Actions: server actions, windows, and the list of all. */
import { checkCode, runServerAction } from '../actions/run.ts';
import { checkAccess } from '../orm/access.ts';
import { xmlidsOf } from '../orm/external-ids.ts';
import { char, integer, many2many, many2one, selection, text } from '../orm/fields.ts';
import type { ModelSource } from '../orm/registry.ts';
import type { Env, Row, Version } from '../orm/types.ts';
import { existing } from '../orm/write.ts';

export const groupsName = (version: Version) => (version === 19 ? 'group_ids' : 'groups_id');

export const serverAction = (version: Version): ModelSource => ({
  name: 'ir.actions.server',
  description: 'Server Action',
  module: 'base',
  order: 'sequence,name,id',
  fields: {
    name: char('Action Name', { required: true }),
    type: char('Action Type', { required: true, defaultValue: 'ir.actions.server' }),
    sequence: integer('Sequence', { defaultValue: 5 }),
    usage: selection(
      'Usage',
      [
        ['ir_actions_server', 'Server Action'],
        ['ir_cron', 'Scheduled Action'],
        ['base_automation', 'Automation Rule'],
      ],
      {
        required: true,
        defaultValue: 'ir_actions_server',
      },
    ),
    state: selection(
      'Type',
      [
        ['object_write', 'Update Record'],
        ['object_create', 'Create Record'],
        ['code', 'Execute Code'],
        ['webhook', 'Send Webhook Notification'],
        ['multi', 'Multi Actions'],
      ],
      { required: true, defaultValue: version === 17 ? 'object_create' : 'object_write' },
    ),
    model_id: many2one('Model', 'ir.model', { required: true, onDelete: 'cascade' }),
    model_name: char('Model Name', {
      readonly: true,
      compute: (env: Env, row: Row) => env.erp.tables.get('ir.model', Number(row.model_id))?.model ?? false,
    }),
    code: text('Python Code', { group: 'base.group_system' }),
    webhook_url: char('Webhook URL', { group: 'base.group_system' }),
    webhook_field_ids: many2many('Webhook Fields', 'ir.model.fields'),
    binding_model_id: many2one('Binding Model', 'ir.model', { onDelete: 'cascade' }),
    binding_type: selection(
      'Binding Type',
      [
        ['action', 'Action'],
        ['report', 'Report'],
      ],
      {
        required: true,
        defaultValue: 'action',
      },
    ),
    binding_view_types: char('Binding View Types', { defaultValue: 'list,form' }),
    [groupsName(version)]: many2many('Allowed Groups', 'res.groups'),
    child_ids: many2many('Child Actions', 'ir.actions.server'),
    help: { ...text('Action Description'), type: 'html' },
  },
  hooks: {
    created(env, row) {
      checkCode(row);
      listAction(env, row);
    },
    written(env, row) {
      checkCode(row);
      listAction(env, row);
    },
    deleting: unlistAction,
  },
  methods: {
    run: {
      params: [],
      run: ({ env, model, ids }) =>
        ids.map((id) => runServerAction(env, existing(env, model, id))).at(-1) ?? false,
    },
    create_action: { params: [], run: ({ env, ids }) => bind(env, ids, true) },
    unlink_action: { params: [], run: ({ env, ids }) => bind(env, ids, false) },
  },
});

/** Actions of every kind share one numbering and one list, `ir.actions.actions`. */
function listAction(env: Env, row: Row): void {
  env.erp.tables.put('ir.actions.actions', {
    ...env.erp.tables.get('ir.actions.actions', row.id),
    id: row.id,
    name: row.name,
    type: row.type,
  });
}

function unlistAction(env: Env, row: Row): void {
  for (const data of xmlidsOf(env.erp, 'ir.actions.actions', row.id))
    env.erp.tables.remove('ir.model.data', data.id);
  env.erp.tables.remove('ir.actions.actions', row.id);
}

/** Puts actions into, or takes them out of, the "Action" menu of their model. */
function bind(env: Env, ids: readonly number[], isBound: boolean): true {
  const model = env.erp.registry.get('ir.actions.server');
  checkAccess(env, model, 'write');
  for (const id of ids) {
    const row = existing(env, model, id);
    env.erp.tables.put(model.name, { ...row, binding_model_id: isBound ? row.model_id : false });
  }
  return true;
}

export const windowAction = (version: Version): ModelSource => ({
  name: 'ir.actions.act_window',
  description: 'Action Window',
  module: 'base',
  order: 'name',
  fields: {
    name: char('Action Name', { required: true }),
    type: char('Action Type', { required: true, defaultValue: 'ir.actions.act_window' }),
    res_model: char('Destination Model', { required: true }),
    view_mode: char('View Mode', {
      required: true,
      defaultValue: version === 17 ? 'tree,form' : 'list,form',
    }),
    view_id: many2one('View Ref.', 'ir.ui.view'),
    search_view_id: many2one('Search View Ref.', 'ir.ui.view'),
    domain: char('Domain Value'),
    context: char('Context Value', { required: true, defaultValue: '{}' }),
    target: char('Target Window', { defaultValue: 'current' }),
    help: { ...text('Action Description'), type: 'html' },
    binding_model_id: many2one('Binding Model', 'ir.model', { onDelete: 'cascade' }),
    [groupsName(version)]: many2many('Groups', 'res.groups'),
  },
  hooks: { created: listAction, written: listAction, deleting: unlistAction },
});

/** What `ir.actions.actions` would show: the actions of every kind, which share one numbering. */
export const anyAction: ModelSource = {
  name: 'ir.actions.actions',
  description: 'Actions',
  module: 'base',
  fields: { name: char('Action Name', { required: true }), type: char('Action Type', { required: true }) },
};
