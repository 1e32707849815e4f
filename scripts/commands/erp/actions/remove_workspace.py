# stripe_connector: remove_workspace
# Deletes one project's workspace with everything in it, or counts what would go. Only below a folder the connector made.
GIVEN = env.context.get('stripe_connector') or {}
PROJECT = int(GIVEN.get('project_id') or 0)
# Folder model: its field for the folder above, the model of files and their field for the folder.
PLACES = {
    'x_cde_folder': ('x_parent_id', 'ir.attachment', 'res_id'),
    'documents.document': ('folder_id', False, False),
    'documents.folder': ('parent_folder_id', 'documents.document', 'folder_id'),
    'dms.directory': ('parent_id', 'dms.file', 'directory_id'),
}
Data = env['ir.model.data'].sudo()
named = Data.search([('module', '=', 'stripe_connector'), ('name', '=', 'project_%d_workspace' % PROJECT)])
counts = {'found': False, 'folders': 0, 'files': 0}
for data in named:
    if data.model not in PLACES or data.model not in env:
        continue
    parent, file_model, file_field = PLACES[data.model]
    Folders = env[data.model].sudo().with_context(active_test=False)
    level = Folders.browse(data.res_id).exists()
    levels = []
    while level:
        levels.append(level)
        level = Folders.search([(parent, 'in', level.ids)])
    folders = [one for level in levels[::-1] for one in level]
    files = []
    if file_model:
        domain = [(file_field, 'in', [folder.id for folder in folders])]
        if file_model == 'ir.attachment':
            domain.append(('res_model', '=', data.model))
        files = env[file_model].sudo().with_context(active_test=False).search(domain)
    counts = {'found': bool(folders), 'folders': len(folders), 'files': len(files)}
    if not GIVEN.get('dry_run'):
        if files:
            files.unlink()
        for folder in folders:
            folder.exists().unlink()
if not GIVEN.get('dry_run'):
    group = Data.search([('module', '=', 'stripe_connector'), ('name', '=', 'project_%d_members' % PROJECT)])
    for data in group:
        if data.model == 'dms.access.group' and data.model in env:
            env[data.model].sudo().browse(data.res_id).exists().unlink()
action = {'type': 'ir.actions.act_window_close', 'infos': counts}
