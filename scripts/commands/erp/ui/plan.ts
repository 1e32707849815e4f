/** Views, actions and the menu staff meet, in the order in which they can be made. */
import type { VersionFacts } from '../../../../connector/odoo/versions/facts.ts';
import { SHOW_REQUEST } from '../button-steps.ts';
import { calendar, graph, pivot } from './analysis.ts';
import { smartButton } from './buttons.ts';
import { checkoutLinkPage } from './checkout-link.ts';
import { folderForm } from './folder.ts';
import { form } from './form.ts';
import { kanban } from './kanban.ts';
import { list } from './list.ts';
import { requestForm, requestList } from './requests.ts';
import { search } from './search.ts';

export type UiModel = 'ir.ui.view' | 'ir.actions.act_window' | 'ir.ui.menu';

export interface UiPlan {
  /** External id, without our module's name. */
  readonly name: string;
  readonly model: UiModel;
  readonly title: string;
  /** Columns of a `load`; a relation ends in `/id`. `idOf` gives the ERP id of an earlier one; 0: not made yet. */
  readonly values: (idOf: (name: string) => number) => Readonly<Record<string, string | number>>;
}

const MODEL = 'x_stripe_subscription';

export const uiPlans = (facts: VersionFacts): readonly UiPlan[] => [
  {
    name: 'view_folder_form',
    model: 'ir.ui.view',
    title: 'form view of x_cde_folder',
    values: () => ({ name: 'x_cde_folder.form', model: 'x_cde_folder', arch: folderForm(facts) }),
  },
  view('list', list(facts)),
  requestView('list', () => requestList(facts)),
  requestView('form', (idOf) => requestForm(idOf(SHOW_REQUEST))),
  {
    name: 'window_requests_of_subscription',
    model: 'ir.actions.act_window',
    title: 'window "requests of subscription"',
    values: () => ({
      name: 'Requests',
      res_model: 'x_stripe_request',
      view_mode: `${facts.listViewTag},form`,
      context: '{}',
      domain: "[('x_subscription_id', '=', active_id)]",
    }),
  },
  {
    name: 'view_subscription_form',
    model: 'ir.ui.view',
    title: `form view of ${MODEL}`,
    values: (idOf) => ({ name: `${MODEL}.form`, model: MODEL, arch: form(facts, idOf) }),
  },
  view('kanban', kanban(facts)),
  view('search', search()),
  view('graph', graph()),
  view('pivot', pivot()),
  view('calendar', calendar()),
  windowAction(facts, { name: 'subscriptions', context: "{'search_default_running': 1}", domain: '[]' }),
  windowAction(facts, {
    name: 'subscriptions_of_partner',
    context: '{}',
    domain: "[('x_partner_id', '=', active_id)]",
  }),
  windowAction(facts, {
    name: 'subscriptions_of_opportunity',
    context: '{}',
    domain: "[('x_opportunity_id', '=', active_id)]",
  }),
  button('res.partner', 'base.view_partner_form', 'subscriptions_of_partner'),
  button('crm.lead', 'crm.crm_lead_view_form', 'subscriptions_of_opportunity'),
  {
    name: 'view_crm_lead_checkout_link',
    model: 'ir.ui.view',
    title: 'page "Checkout Link" on crm.lead',
    values: (idOf) => ({
      name: 'crm.lead.form.stripe_checkout_link',
      model: 'crm.lead',
      'inherit_id/id': 'crm.crm_lead_view_form',
      arch: checkoutLinkPage(idOf),
    }),
  },
  {
    name: 'menu_subscriptions',
    model: 'ir.ui.menu',
    title: 'menu "Subscriptions"',
    values: (idOf) => ({
      name: 'Subscriptions',
      'parent_id/id': 'crm.crm_menu_root',
      action: `ir.actions.act_window,${idOf('window_subscriptions')}`,
      // Between CRM's own Sales (1) and Reporting (20).
      sequence: 5,
    }),
  },
];

const view = (type: string, arch: string): UiPlan => ({
  name: `view_subscription_${type}`,
  model: 'ir.ui.view',
  title: `${type} view of ${MODEL}`,
  values: () => ({ name: `${MODEL}.${type}`, model: MODEL, arch: arch }),
});

const requestView = (type: string, arch: (idOf: (name: string) => number) => string): UiPlan => ({
  name: `view_request_${type}`,
  model: 'ir.ui.view',
  title: `${type} view of x_stripe_request`,
  values: (idOf) => ({ name: `x_stripe_request.${type}`, model: 'x_stripe_request', arch: arch(idOf) }),
});

const windowAction = (
  facts: VersionFacts,
  input: { name: string; context: string; domain: string },
): UiPlan => ({
  name: `window_${input.name}`,
  model: 'ir.actions.act_window',
  title: `window "${input.name.replaceAll('_', ' ')}"`,
  values: () => ({
    name: 'Subscriptions',
    res_model: MODEL,
    view_mode: `${facts.listViewTag},kanban,form,graph,pivot,calendar`,
    'search_view_id/id': 'stripe_connector.view_subscription_search',
    context: input.context,
    domain: input.domain,
  }),
});

const button = (model: string, form: string, action: string): UiPlan => ({
  name: `view_${model.replace('.', '_')}_button`,
  model: 'ir.ui.view',
  title: `button "Subscriptions" on ${model}`,
  values: (idOf) => ({
    name: `${model}.form.stripe_subscriptions`,
    model,
    'inherit_id/id': form,
    arch: smartButton(model, idOf(`window_${action}`)),
  }),
});
