import { COUNT_FIELD, CUSTOMER_FIELD } from '../link-fields.ts';
import { field, xml } from './xml.ts';

const SALES = 'sales_team.group_sale_salesman';

/** The button above a partner's or an opportunity's form; hidden while there is no subscription. */
export function smartButton(model: string, actionId: number): string {
  const button = xml(
    'xpath',
    { expr: "//div[@name='button_box']", position: 'inside' },
    xml(
      'button',
      {
        name: String(actionId),
        type: 'action',
        class: 'oe_stat_button',
        icon: 'fa-refresh',
        groups: SALES,
        invisible: `${COUNT_FIELD} == 0`,
      },
      field(COUNT_FIELD, { widget: 'statinfo', string: 'Subscriptions' }),
    ),
  );
  if (model !== 'res.partner') return xml('data', {}, button);
  const customer = xml(
    'xpath',
    { expr: "//group[@name='misc']", position: 'inside' },
    field(CUSTOMER_FIELD, { readonly: '1', groups: SALES, invisible: `not ${CUSTOMER_FIELD}` }),
  );
  return xml('data', {}, button, customer);
}
