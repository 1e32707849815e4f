/** All models a fresh database has. */
import type { ModelSource } from '../orm/registry.ts';
import type { Version } from '../orm/types.ts';
import { anyAction, serverAction, windowAction } from './actions.ts';
import { activity, activityType } from './activity.ts';
import { apikey } from './apikey.ts';
import { attachment } from './attachment.ts';
import {
  company,
  country,
  countryState,
  currency,
  currencyRate,
  group,
  language,
  moduleModel,
  partnerCategory,
} from './base.ts';
import { irModel } from './ir-model.ts';
import { irModelAccess } from './ir-model-access.ts';
import { irModelData } from './ir-model-data.ts';
import { irModelFields, irModelFieldsSelection } from './ir-model-fields.ts';
import { lead } from './lead.ts';
import { leadMerge } from './merge-leads.ts';
import { partnerMerge } from './merge-partners.ts';
import { message, outgoingMail, subtype } from './message.ts';
import { parameter } from './parameter.ts';
import { partner } from './partner.ts';
import { paymentProvider } from './payment-provider.ts';
import { lostReason, stage, tag, team } from './pipeline.ts';
import { user } from './user.ts';
import { menu, view } from './views.ts';

export const modelSources = (version: Version): ModelSource[] => [
  company,
  country,
  countryState,
  currency,
  currencyRate,
  language,
  partnerCategory,
  moduleModel,
  group(version),
  partner(version),
  user(version),
  apikey(version),
  lead(version),
  stage(version),
  team,
  lostReason,
  tag,
  leadMerge,
  partnerMerge,
  message,
  outgoingMail,
  subtype,
  activity(version),
  activityType,
  attachment,
  irModel,
  irModelFields,
  irModelFieldsSelection,
  irModelAccess,
  irModelData,
  serverAction(version),
  windowAction(version),
  anyAction,
  view(version),
  menu(version),
  parameter,
  paymentProvider,
];
