/** Stages, reasons, menus, subtypes and activity types. */
import type { Add } from './add.ts';
import { ADMIN_ID } from './seed-people.ts';

export function seedSales(add: Add): void {
  add(
    'crm.team',
    1,
    { name: 'Sales', company_id: 1, member_ids: [ADMIN_ID] },
    'sales_team.team_sales_department',
  );
  [
    ['New', 1, false],
    ['Qualified', 2, false],
    ['Proposition', 3, false],
    ['Won', 70, true],
  ].forEach(([name, sequence, isWon], at) => {
    add('crm.stage', at + 1, { name, sequence, is_won: isWon }, `crm.stage_lead${at + 1}`);
  });
  ['Too expensive', "We don't have people/skills", 'Not enough stock'].forEach((name, at) => {
    add('crm.lost.reason', at + 1, { name }, `crm.lost_reason_${at + 1}`);
  });
  const form =
    '<form><sheet><div class="oe_button_box" name="button_box"/><group name="misc"/><notebook/></sheet></form>';
  [
    ['res.partner.form', 'res.partner', 'base.view_partner_form'],
    ['crm.lead.form', 'crm.lead', 'crm.crm_lead_view_form'],
  ].forEach(([name, model, xmlid], at) => {
    add('ir.ui.view', at + 1, { name, model, type: 'form', mode: 'primary', arch_db: form }, xmlid);
  });
  add('ir.ui.menu', 203, { name: 'CRM', sequence: 25 }, 'crm.crm_menu_root');
  add('ir.ui.menu', 204, { name: 'Sales', sequence: 1, parent_id: 203 }, 'crm.crm_menu_sales');
  add('ir.ui.menu', 129, { name: 'Contacts', sequence: 20 }, 'contacts.menu_contacts');
}

export function seedChatter(add: Add): void {
  add('mail.message.subtype', 1, { name: 'Discussions' }, 'mail.mt_comment');
  add('mail.message.subtype', 2, { name: 'Note', internal: true }, 'mail.mt_note');
  add('mail.message.subtype', 3, { name: 'Activities', internal: true }, 'mail.mt_activities');
  add('mail.message.subtype', 8, { name: 'Opportunity Created' }, 'crm.mt_lead_create');
  add('mail.message.subtype', 9, { name: 'Stage Changed' }, 'crm.mt_lead_stage');
  add('mail.message.subtype', 10, { name: 'Opportunity Won' }, 'crm.mt_lead_won');
  [
    ['email', 'Email', 'fa-envelope'],
    ['call', 'Call', 'fa-phone'],
    ['meeting', 'Meeting', 'fa-users'],
    ['todo', 'To-Do', 'fa-check'],
    ['upload_document', 'Document', 'fa-upload'],
  ].forEach(([key, name, icon], at) => {
    add('mail.activity.type', at + 1, { name, icon, category: 'default' }, `mail.mail_activity_data_${key}`);
  });
}
