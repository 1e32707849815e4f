/**
 * The one place that says which runs exist, which steps they have and what depends on what.
 * It drives the runs, the customer's timeline and docs/runs.md (`npm run cli -- docs runs`).
 */

import { lifecyclePlans } from './lifecycle/plans.ts';
import type { RunKind, StepPlan } from './step-plan.ts';

/** How long the welcome mail waits for the PDFs; after that it goes without them and they follow. */
export const SOFT_WAIT_MS = 120_000;

const PROVISION: readonly StepPlan[] = [
  {
    name: 'received_mail',
    title: 'Payment confirmed by e-mail',
    makes: 'the contact has a mail: payment received, being set up',
    system: 'smtp',
    needs: [],
  },
  {
    name: 'partner',
    title: 'Organisation registered',
    makes: 'one res.partner for the company, one for each contact',
    system: 'odoo',
    needs: [],
  },
  {
    name: 'opportunity',
    title: 'Order recorded',
    makes: 'the crm.lead of this order, won when money was paid',
    system: 'odoo',
    needs: ['partner'],
  },
  {
    name: 'workspace',
    title: 'Documents workspace created',
    makes: 'the project’s ISO 19650 folder tree, with its stakeholders as members',
    system: 'odoo',
    needs: ['partner', 'users'],
  },
  {
    name: 'users',
    title: 'User accounts created',
    makes:
      'a portal user for each stakeholder, without an invitation mail; one archived after an end is active again',
    system: 'odoo',
    needs: ['partner'],
  },
  {
    name: 'bucket',
    title: 'Storage created',
    makes: 'a private, encrypted bucket, or a prefix in a shared one',
    system: 'b2',
    needs: [],
  },
  {
    name: 'storage_key',
    title: 'Storage key issued',
    makes: 'one live key restricted to that bucket or prefix, sealed in our database',
    system: 'b2',
    needs: ['bucket'],
  },
  {
    name: 'keys_checked',
    title: 'Storage key checked',
    makes: 'no key but the stored one is live',
    system: 'b2',
    needs: ['storage_key', 'documents_in_storage'],
  },
  {
    name: 'bep',
    title: 'BIM execution plan written',
    makes: 'the BEP as a PDF',
    system: 'bep',
    needs: [],
  },
  {
    name: 'eir',
    title: 'Exchange information requirements written',
    makes: 'the EIR as a PDF',
    system: 'bep',
    needs: [],
  },
  {
    name: 'documents_in_workspace',
    title: 'Documents filed in the workspace',
    makes: 'BEP and EIR as files of their folders',
    system: 'odoo',
    needs: ['workspace', 'bep', 'eir'],
  },
  {
    name: 'documents_in_storage',
    title: 'Documents filed in storage',
    makes: 'BEP and EIR as files of the bucket',
    system: 'b2',
    needs: ['bucket', 'bep', 'eir'],
  },
  {
    name: 'subscription_record',
    title: 'Subscription recorded',
    makes:
      'the x_stripe_subscription record, linked to partner and opportunity: staff see it, and may retry, from now on',
    system: 'odoo',
    needs: ['opportunity'],
  },
  {
    name: 'subscription_links',
    title: 'Workspace and storage linked',
    makes: 'the record leads to its workspace and names its storage',
    system: 'odoo',
    needs: ['subscription_record', 'workspace', 'bucket'],
  },
  {
    name: 'welcome_mail',
    title: 'Welcome mail sent',
    makes: 'the contact has the credentials link, and the PDFs when they were in time',
    system: 'smtp',
    needs: ['users', 'workspace', 'storage_key'],
    prefers: ['bep', 'eir'],
  },
  {
    name: 'documents_mail',
    title: 'Documents sent',
    makes: 'the PDFs by a mail of their own, when the welcome mail went without them',
    system: 'smtp',
    needs: ['welcome_mail', 'bep', 'eir'],
  },
  {
    name: 'stakeholder_mails',
    title: 'Team invited',
    makes: 'each other stakeholder has a link to set a password',
    system: 'smtp',
    needs: ['users', 'workspace'],
  },
  {
    name: 'note',
    title: 'Team informed',
    makes: 'a note in the opportunity’s chatter',
    system: 'odoo',
    needs: ['opportunity', 'subscription_links', 'documents_in_workspace', 'storage_key', 'users'],
  },
  {
    name: 'tidy',
    title: 'Working copies deleted',
    makes: 'the PDFs no longer lie in our database',
    system: null,
    needs: ['documents_mail', 'documents_in_storage', 'documents_in_workspace'],
  },
];

const WIN: readonly StepPlan[] = [
  {
    name: 'opportunity_won',
    title: 'First payment recorded',
    makes: 'the order’s crm.lead is won',
    system: 'odoo',
    needs: [],
  },
];

export const RUN_PLANS: Readonly<Record<RunKind, readonly StepPlan[]>> = {
  provision: PROVISION,
  win: WIN,
  ...lifecyclePlans(PROVISION),
};

/** As customers and staff read it. */
export const stepTitle = (kind: RunKind, step: string | null): string =>
  RUN_PLANS[kind].find(({ name }) => name === step)?.title ?? 'unknown step';
