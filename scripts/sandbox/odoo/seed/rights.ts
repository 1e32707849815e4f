/** Who may read, write, create and delete what in a fresh database: `model: [[group, rights], …]`, as measured on Odoo 17 to 19. */

const USER = 'base.group_user';
const PORTAL = 'base.group_portal';
const ERP = 'base.group_erp_manager';
const SYSTEM = 'base.group_system';
const CONTACTS = 'base.group_partner_manager';
const SALES = 'sales_team.group_sale_salesman';
const SALES_ADMIN = 'sales_team.group_sale_manager';

export type Rights = readonly (readonly [group: string, rights: 'r' | 'rw' | 'rwc' | 'rwcd'])[];

const LOOKED_UP: Rights = [
  [USER, 'r'],
  [PORTAL, 'r'],
  [SYSTEM, 'rwcd'],
];

export const RIGHTS: Readonly<Record<string, Rights>> = {
  'base.partner.merge.automatic.wizard': [[CONTACTS, 'rwcd']],
  'crm.lead': [
    [SALES, 'rwc'],
    [SALES_ADMIN, 'rwcd'],
  ],
  'crm.lost.reason': [
    [USER, 'r'],
    [SALES, 'r'],
    [SALES_ADMIN, 'rwcd'],
  ],
  'crm.merge.opportunity': [[SALES, 'rwcd']],
  'crm.stage': [
    [USER, 'r'],
    [SALES_ADMIN, 'rwcd'],
  ],
  'crm.tag': [
    [SALES, 'rwc'],
    [SALES_ADMIN, 'rwcd'],
  ],
  'crm.team': [
    [USER, 'r'],
    [SALES, 'r'],
    [SALES_ADMIN, 'rwcd'],
  ],
  'ir.actions.act_window': [[SYSTEM, 'rwcd']],
  'ir.actions.actions': [[SYSTEM, 'rwcd']],
  'ir.actions.server': [[SYSTEM, 'rwcd']],
  'ir.attachment': [[USER, 'rwcd']],
  'ir.config_parameter': [[SYSTEM, 'rwcd']],
  'ir.model': [[ERP, 'rwcd']],
  'ir.model.access': [[ERP, 'rwcd']],
  'ir.model.data': [[ERP, 'rwcd']],
  'ir.model.fields': [[ERP, 'rwcd']],
  'ir.model.fields.selection': [[ERP, 'rwcd']],
  'ir.module.module': [[SYSTEM, 'rwcd']],
  'ir.ui.menu': [
    [USER, 'r'],
    [SYSTEM, 'rwcd'],
  ],
  'ir.ui.view': [[SYSTEM, 'rwcd']],
  'mail.activity': [[USER, 'rwcd']],
  'mail.activity.type': [
    [USER, 'r'],
    [SALES_ADMIN, 'rwcd'],
    [SYSTEM, 'rwcd'],
  ],
  'mail.mail': [[SYSTEM, 'rwcd']],
  'mail.message': [
    [USER, 'rwcd'],
    [PORTAL, 'rwcd'],
  ],
  'mail.message.subtype': LOOKED_UP,
  'payment.provider': [[SYSTEM, 'rwcd']],
  'res.company': [
    [USER, 'r'],
    [PORTAL, 'r'],
    [ERP, 'rwcd'],
  ],
  'res.country': [...LOOKED_UP, [CONTACTS, 'r']],
  'res.country.state': [
    [USER, 'r'],
    [PORTAL, 'r'],
    [CONTACTS, 'rwcd'],
  ],
  'res.currency': LOOKED_UP,
  'res.currency.rate': LOOKED_UP,
  'res.groups': [
    [USER, 'r'],
    [ERP, 'rwcd'],
  ],
  'res.lang': LOOKED_UP,
  'res.partner': [
    [USER, 'r'],
    [PORTAL, 'r'],
    [SALES, 'rwc'],
    [SALES_ADMIN, 'r'],
    [CONTACTS, 'rwcd'],
  ],
  'res.partner.category': [
    [USER, 'r'],
    [CONTACTS, 'rwcd'],
  ],
  'res.users': [
    [USER, 'r'],
    [PORTAL, 'r'],
    [ERP, 'rwcd'],
  ],
  'res.users.apikeys': [
    [USER, 'r'],
    [PORTAL, 'r'],
  ],
};
