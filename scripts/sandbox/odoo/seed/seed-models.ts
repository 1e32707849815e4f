/** `ir.model`, `ir.model.fields` and the rights of a fresh database. */
import { MODULES } from '../models/documents/modules.ts';
import { isStored } from '../orm/fields.ts';
import { groupId } from '../orm/groups.ts';
import type { Erp } from '../orm/types.ts';
import type { Add } from './add.ts';
import { RIGHTS } from './rights.ts';

const rightsOf = (model: string) =>
  [RIGHTS, ...Object.values(MODULES).map(({ rights }) => rights)].flatMap((rights) => rights[model] ?? []);

/** `ir.model`, `ir.model.fields` and the rights describe the models above, so that set-up finds them like in any database. */
export function seedModels(erp: Erp, add: Add): void {
  let fieldId = 0;
  let accessId = 0;
  erp.registry.base().forEach((model, at) => {
    const id = at + 1;
    const key = model.name.replaceAll('.', '_');
    add(
      'ir.model',
      id,
      {
        name: model.description,
        model: model.name,
        state: 'base',
        order: model.order,
        is_mail_thread: model.thread,
      },
      `${model.module}.model_${key}`,
    );
    for (const [name, field] of model.fields) {
      fieldId += 1;
      add(
        'ir.model.fields',
        fieldId,
        {
          name,
          model: model.name,
          model_id: id,
          field_description: field.string,
          ttype: field.type,
          relation: field.relation ?? false,
          required: field.required ?? false,
          state: 'base',
          store: isStored(field),
        },
        `${model.module}.field_${key}__${name}`,
      );
    }
    for (const [group, rights] of rightsOf(model.name)) {
      accessId += 1;
      add('ir.model.access', accessId, {
        name: `${model.name} ${group}`,
        model_id: id,
        group_id: groupId(erp, group),
        active: true,
        perm_read: rights.includes('r'),
        perm_write: rights.includes('w'),
        perm_create: rights.includes('c'),
        perm_unlink: rights.includes('d'),
      });
    }
  });
}
