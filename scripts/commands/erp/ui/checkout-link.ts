/** The page "Checkout Link" of an opportunity's form: what is offered, and the button that sends it. */
import { OFFER_FIELDS } from '../../../../connector/crm/lead-offer.ts';
import { requestButton } from './request-buttons.ts';
import { field, xml } from './xml.ts';

export const checkoutLinkPage = (idOf: (name: string) => number): string =>
  xml(
    'xpath',
    { expr: '//notebook', position: 'inside' },
    xml(
      'page',
      { string: 'Checkout Link', name: 'stripe_checkout_link', groups: 'sales_team.group_sale_salesman' },
      xml(
        'group',
        {},
        xml('group', { string: 'Offer' }, field(OFFER_FIELDS.plan), field(OFFER_FIELDS.interval)),
        xml(
          'group',
          { string: 'Price of its own' },
          field(OFFER_FIELDS.recurring),
          field(OFFER_FIELDS.setup),
          field(OFFER_FIELDS.currency),
        ),
      ),
      requestButton('send_checkout_link', idOf, {
        class: 'btn-primary',
        invisible: `not ${OFFER_FIELDS.plan}`,
      }),
    ),
  );
