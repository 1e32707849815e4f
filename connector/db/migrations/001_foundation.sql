-- The whole database of the main job. Money is in minor units (cents), times are UTC.

-- One row: which outside accounts this database belongs to. Another account later is refused at start.
create table installation (
  id int primary key default 1 check (id = 1),
  uuid uuid not null default gen_random_uuid(),
  stripe_account text,
  stripe_livemode boolean,
  odoo_database_uuid text,
  b2_account text,
  created_at timestamptz not null default now()
);

-- One organisation = one Stripe customer = one lane.
create table organisations (
  id bigint generated always as identity primary key,
  provider_customer_id text unique,
  name text not null,
  country text not null,              -- ISO 3166-1 alpha-2
  vat_id text,
  contact_name text not null,
  contact_email text not null,
  locale text not null default 'en',
  looks_like_duplicate_of bigint references organisations (id),
  trial_used_at timestamptz,
  customer_attempt int not null default 0, -- attempt group of making its Stripe customer
  legal_hold text,                    -- why nothing of it may be deleted; null: no hold
  erased_at timestamptz,              -- nobody is named here any more
  created_at timestamptz not null default now()
);
-- Each new organisation is looked for by these; the expressions are the query's own.
create index organisations_by_vat on organisations (upper(regexp_replace(vat_id, '[^A-Za-z0-9]', '', 'g')));
create index organisations_by_name on organisations (lower(name), country);
create index organisations_by_contact on organisations (lower(contact_email));
create index organisations_by_mail on organisations (lower(split_part(contact_email, '@', 2)));
create index on organisations (looks_like_duplicate_of) where looks_like_duplicate_of is not null;

-- A CDE is per project.
create table projects (
  id bigint generated always as identity primary key,
  organisation_id bigint not null references organisations (id),
  name text not null,
  code text not null,
  description text not null default '',
  client text not null default '',
  -- where its workspace lies; set when that is made, so that an application installed later does not move it
  workspace_driver text check (workspace_driver in ('documents', 'documents_17', 'dms', 'attachments')),
  workspace_members jsonb,            -- partners the workspace itself lets in, and whether the ERP has said so
  data_deleted_at timestamptz,        -- its storage and workspace are gone: who returns begins anew
  created_at timestamptz not null default now()
);

create table stakeholders (
  id bigint generated always as identity primary key,
  project_id bigint not null references projects (id),
  position int not null,
  name text not null,
  email text not null,
  role text not null check (role in ('appointing_party', 'lead_appointed_party', 'appointed_party', 'information_manager'))
);
create index on stakeholders (project_id);

-- What a salesperson offers by a checkout link: it reaches the customer by mail alone, and becomes one order at most.
create table offers (
  id bigint generated always as identity primary key,
  request_id text not null unique,    -- of the press that made it
  token_hash text not null unique,    -- SHA-256, hex
  token_sealed text not null,         -- so that a mail that goes out twice says the same
  order_token_sealed text not null,   -- of the order it becomes, whoever opens the link and how often
  lead_id bigint not null,            -- the opportunity in the ERP that the payment wins
  plan_key text not null,
  billing_interval text not null check (billing_interval in ('month', 'year')),
  setup_amount bigint,                -- custom amounts, minor units; null: the plan's own prices
  recurring_amount bigint,
  currency text not null,
  prefill_sealed text not null,       -- company and contact, as the ERP has them
  locale text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  check ((setup_amount is null) = (recurring_amount is null))
);

-- One wizard draft = one order. The token reaches the customer's browser; only its SHA-256 (hex) is stored.
create table orders (
  id bigint generated always as identity primary key,
  organisation_id bigint not null references organisations (id),
  project_id bigint not null references projects (id),
  plan_key text not null,
  billing_interval text not null check (billing_interval in ('month', 'year')),
  quantity int not null default 1,    -- users of a plan priced per user, else 1
  currency text,                      -- ISO 4217, lower case; null: the catalogue's own
  offer_id bigint unique references offers (id) on delete set null, -- the checkout link it came by
  state text not null default 'draft' check (state in ('draft', 'open', 'paid', 'abandoned')),
  token_hash text not null unique,
  mail_token_hash text unique,        -- of the link in mails
  mail_token_sealed text,             -- its token, so that every copy of a mail says the same
  token_expires_at timestamptz not null,
  session_attempt int not null default 0, -- attempt group: raised after a final refusal by Stripe
  request_id text unique,             -- of the command that made it; null: made at the checkout
  created_at timestamptz not null default now(),
  paid_at timestamptz
);
create index on orders (organisation_id);
create index orders_never_paid on orders (token_expires_at) where state <> 'paid';

-- What a visitor of the wizard has typed so far; sealed, forgotten 30 days after the last change.
create table drafts (
  token_hash text primary key,        -- SHA-256, hex, of the visitor's cookie
  sealed text not null,
  order_sealed text,                  -- token of the order it becomes, given at the first look at the payment page
  updated_at timestamptz not null
);

create table checkout_sessions (
  provider_id text primary key,
  order_id bigint not null references orders (id),
  ui text not null check (ui in ('embedded', 'redirect')),
  status text not null check (status in ('open', 'complete', 'expired')),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index on checkout_sessions (order_id);
-- Two open sessions of one order could both be paid.
create unique index one_open_session_per_order on checkout_sessions (order_id) where status = 'open';

-- Every Stripe event, stored once.
-- As few indexes as will do: their upkeep is on the path of every delivery.
create table events (
  id text primary key,
  seq bigint generated always as identity,
  type text not null,
  api_version text,
  livemode boolean not null,
  customer text,                      -- whose lane; null: nobody's
  object_id text,
  invoice text,                       -- the invoice it names, if any
  created timestamptz not null,
  received_at timestamptz not null default now(),
  source text not null check (source in ('webhook', 'backfill')),
  state text not null check (state in ('open', 'done', 'ignored', 'parked')),
  cause jsonb,
  done_at timestamptz,
  payload text not null               -- the raw body as Stripe sent it
);
create index events_open on events (customer, seq) where state = 'open';
create index events_received on events using brin (received_at);

-- Our mirror of a Stripe customer, and the state of its lane.
create index events_created on events (created);

create table event_hours (
  hour timestamptz primary key,
  at_stripe int not null              -- events of our types Stripe listed as created in it
);

create table customers (
  id text primary key,                -- cus_…
  organisation_id bigint unique references organisations (id),
  name text,
  email text,
  deleted boolean not null default false,
  version bigint not null default 0,  -- raised by each sync
  synced_at timestamptz,
  parked_at timestamptz,
  park_cause jsonb,
  park_count int not null default 0,  -- parked so often in a row: passing failures wait longer each time
  retry_at timestamptz,
  sync_wanted_at timestamptz,         -- somebody asked for a sync without an event
  imported_at timestamptz             -- was there before us and was taken over: its subscriptions are no surprise
);
create index customers_parked on customers (retry_at) where parked_at is not null;
create index customers_wanted on customers (sync_wanted_at) where sync_wanted_at is not null;

create table subscriptions (
  id bigint generated always as identity primary key,
  provider text not null default 'stripe',
  provider_id text not null unique,   -- sub_…
  customer_id text not null references customers (id),
  organisation_id bigint references organisations (id),
  project_id bigint references projects (id),
  order_id bigint references orders (id),
  plan_key text,                      -- null: a product we do not sell; stored and left alone
  price_id text,
  billing_interval text,
  quantity int not null default 1,
  currency text not null,
  recurring_amount bigint not null,   -- per interval, minor units
  monthly_amount bigint not null default 0, -- what it brings a month, lasting discounts off, minor units
  items jsonb,                        -- the plan's and the add-ons' (billing/facts.ts); null: not read yet
  status text not null,               -- Stripe's word, mirrored, an open set
  access text not null default 'none' check (access in ('none', 'provisioning', 'provisioned', 'suspended', 'deprovisioned')),
  current_period_start timestamptz,
  current_period_end timestamptz,
  cancel_at_period_end boolean not null default false,
  cancel_at timestamptz,
  canceled_at timestamptz,
  ended_at timestamptz,
  trial_end timestamptz,
  first_invoice_id text,
  granted_plan_key text,              -- the plan whose money was there last: its limits hold
  scheduled jsonb,                    -- {planKey, interval, quantity, at}: what comes at the end of the period
  collection_paused boolean not null default false,
  change_attempt int not null default 0, -- attempt group of the commands that change it at Stripe
  legal_hold text,                    -- why its data may not be deleted; null: no hold
  created timestamptz not null,
  version bigint not null default 1,  -- raised when anything above changes
  updated_at timestamptz not null default now()
);
create index on subscriptions (customer_id);
create index on subscriptions (created);
create index on subscriptions (project_id);
-- One order, one subscription: a second one with the same metadata is nobody's purchase.
create unique index one_subscription_per_order on subscriptions (order_id)
  where order_id is not null and access <> 'none';

create table invoices (
  provider_id text primary key,       -- in_…
  customer_id text not null references customers (id),
  subscription_id bigint references subscriptions (id),
  number text,
  status text not null,
  billing_reason text,
  currency text not null,
  amount_due bigint not null,
  amount_paid bigint not null,
  total bigint not null,
  attempt_count int not null default 0,
  next_payment_attempt timestamptz,
  hosted_invoice_url text,
  invoice_pdf text,
  payment_state text,                 -- of the last try while it is open: failed, action_required, processing; null: not asked
  amount_credited bigint not null default 0, -- by credit notes, before and after payment
  pay_attempt int not null default 0, -- attempt group of paying it by the API
  created timestamptz not null,
  paid_at timestamptz
);
create index on invoices (customer_id, created);
create index on invoices (subscription_id);

-- What pays an invoice. Since API 2025-03-31.basil only this ties a charge, a refund or a dispute to its invoice.
create table payments (
  provider_id text primary key,       -- inpay_…
  customer_id text not null references customers (id),
  invoice_id text not null,           -- in_…
  payment_intent text,
  charge text,                        -- known once a refund or a dispute names it
  status text not null,               -- Stripe's word
  currency text not null,
  amount bigint not null,             -- asked for, minor units
  amount_paid bigint not null,
  created timestamptz not null,
  paid_at timestamptz
);
create index on payments (payment_intent);
create index on payments (invoice_id);

create table refunds (
  provider_id text primary key,       -- re_…
  customer_id text not null,
  subscription_id bigint references subscriptions (id),
  invoice_id text,
  charge text,
  payment_intent text,
  currency text not null,
  amount bigint not null,
  status text not null,               -- Stripe's word
  reason text,
  failure_reason text,
  created timestamptz not null
);
create index on refunds (customer_id);

create table disputes (
  provider_id text primary key,       -- du_…, dp_…
  customer_id text not null,
  subscription_id bigint references subscriptions (id),
  invoice_id text,
  charge text not null,
  payment_intent text,
  currency text not null,
  amount bigint not null,
  status text not null,               -- Stripe's word, an open set
  reason text not null,
  evidence_due_by timestamptz,
  funds_withdrawn bigint not null default 0, -- taken from our balance and not given back, minor units of its currency
  created timestamptz not null
);
create index on disputes (customer_id);

create table credit_notes (
  provider_id text primary key,       -- cn_…
  customer_id text not null,
  invoice_id text not null,
  number text not null,
  status text not null,
  currency text not null,
  amount bigint not null,
  reason text,
  pdf text,
  created timestamptz not null
);
create index on credit_notes (invoice_id);

-- The default payment methods in use: what a person tells a card by, and nothing more.
create table payment_methods (
  customer_id text not null references customers (id),
  provider_id text not null,          -- pm_…
  kind text not null,                 -- Stripe's word: card, sepa_debit
  brand text,
  last4 text,
  exp_month int,
  exp_year int,
  subscription_provider_id text not null default '', -- '': the customer's default
  primary key (customer_id, subscription_provider_id)
);

-- What is done about unpaid money, step by step (mappings/dunning.json), and why a step was left out.
create table dunning_steps (
  id bigint generated always as identity primary key,
  subscription_id bigint not null references subscriptions (id),
  about text not null,                -- the invoice or the dispute
  step text not null,
  position int not null,
  work jsonb not null,                -- the step as the mapping had it when it was planned
  due_at timestamptz not null,
  retry_at timestamptz,               -- a system was away
  attempts int not null default 0,
  done_at timestamptz,
  outcome jsonb,                      -- {mail, activity, suspended, leftOut}
  unique (subscription_id, about, step)
);
create index dunning_due on dunning_steps (due_at) where done_at is null;

-- Why features or access are suspended: they come back when no reason is left.
create table suspensions (
  subscription_id bigint not null references subscriptions (id),
  about text not null,                -- the invoice or the dispute
  level text not null check (level in ('features', 'access')),
  since timestamptz not null,
  lifted_at timestamptz,
  primary key (subscription_id, about, level)
);

-- Side effects hang on these rows; the unique key makes each happen once.
create table transitions (
  id bigint generated always as identity primary key,
  subscription_id bigint not null references subscriptions (id),
  kind text not null,
  fact text not null,                 -- invoice id for money, else the state version
  data jsonb not null default '{}',
  at timestamptz not null default now(),
  unique (subscription_id, kind, fact)
);

create table runs (
  id uuid primary key default gen_random_uuid(),
  kind text not null,
  subscription_id bigint not null references subscriptions (id),
  transition_id bigint unique references transitions (id),
  status text not null default 'queued'
    check (status in ('queued', 'running', 'waiting', 'needs_attention', 'done', 'superseded')),
  request_id text,                    -- of the delivery that started it: the log's thread
  cause jsonb,                        -- {step, code, message, advice} while it needs attention
  announced_at timestamptz,           -- staff were told in the ERP; null again once it is mended
  stops int not null default 0,       -- how often it was left for a person
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz
);
-- One run at a time per subscription; queued ones wait for their turn.
create unique index one_live_run_per_subscription on runs (subscription_id)
  where status in ('running', 'waiting', 'needs_attention');
create index on runs (subscription_id);
create index runs_unfinished on runs (created_at) where status not in ('done', 'superseded');

-- The step ledger: what a run has done, by the step's name.
create table steps (
  run_id uuid not null references runs (id),
  name text not null,
  status text not null check (status in ('running', 'waiting', 'failed', 'done')),
  result jsonb,
  attempts int not null default 0,    -- business attempts; an unreachable system uses none
  error jsonb,                        -- {kind, code, message, advice, system} of the last failure
  retry_at timestamptz,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  ms int,                             -- duration of the successful attempt
  primary key (run_id, name)
);

-- What becomes of a customer's access and data after the end, and when (mappings/lifecycle.json).
create table lifecycle_stages (
  subscription_id bigint not null references subscriptions (id),
  stage text not null check (stage in ('deprovision', 'archive_access', 'announce_deletion', 'delete_data')),
  due_at timestamptz not null,
  run_id uuid references runs (id),   -- what carries it out; null: not begun
  done_at timestamptz,
  cancelled text,                     -- why it never comes: returned, undone
  primary key (subscription_id, stage)
);
create index lifecycle_due on lifecycle_stages (due_at) where run_id is null and cancelled is null;

-- Erasures asked for by a person or an organisation; the report says what was done where, and what is kept and why.
create table erasures (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('person', 'organisation')),
  organisation_id bigint references organisations (id),
  email text,                         -- of the person, until it is done
  subject_hash text not null,         -- SHA-256, hex, of what was asked for: asked again, it is found
  report jsonb not null default '{}', -- place → what was done there
  held_until timestamptz,             -- one worker at a time
  cause jsonb,                        -- why it stopped
  created_at timestamptz not null,
  finished_at timestamptz
);
create unique index one_erasure_under_way on erasures (kind, subject_hash) where finished_at is null;

-- Which ERP record is ours: by our own external id (order_17_opportunity), then by its bound ERP id.
create table erp_records (
  external_id text primary key,
  model text not null,
  res_id bigint,                      -- null: a create was begun and its answer never read
  version bigint not null default 0,  -- newest version written
  values_hash text,
  refused jsonb not null default '{}',-- optional fields the ERP rejected, with its reason
  gone_at timestamptz,
  created_at timestamptz not null default now(),
  written_at timestamptz
);

-- The opportunity of each order in the ERP's pipeline: where it should stand, and where it was last brought. It outlives
-- an order that is forgotten, and holds nobody's data.
create table opportunities (
  order_id bigint primary key,
  wanted text not null check (wanted in ('open', 'abandoned', 'lost', 'paid')),
  since timestamptz not null,         -- of the present `wanted`
  version int not null default 1,     -- raised whenever the order or `wanted` changes
  shown text,                         -- what of it the ERP shows
  shown_version int not null default 0,
  written jsonb not null default '{}',-- the cells we wrote: a field that says something else is staff's
  looked_at timestamptz,              -- when the ERP was looked through for a likely duplicate of the company
  retry_at timestamptz not null default now(),
  held_by uuid,                       -- one writer at a time
  held_until timestamptz
);
create index on opportunities (since) where wanted = 'abandoned';

-- Writes waiting for the ERP: the newest version per record.
create table erp_outbox (
  external_id text primary key,
  model text not null,
  version bigint not null,
  vals jsonb not null,
  attempts int not null default 0,
  retry_at timestamptz not null default now(),
  parked_cause jsonb,
  created_at timestamptz not null default now()
);

-- Chatter notes waiting for the ERP, in the order they were written; a row goes once its note is posted.
create table erp_notes (
  id bigint generated always as identity primary key,
  external_id text not null,          -- of the record it hangs on; posted once that is bound
  key text not null,                  -- transition_17: what is told; its Message-ID comes of it
  model text not null,
  html text not null,
  attempts int not null default 0,
  retry_at timestamptz not null default now(),
  parked_cause jsonb,
  created_at timestamptz not null default now(),
  unique (external_id, key)
);

-- What staff asked for in the ERP: claimed once by the random id of its row there.
create table erp_requests (
  id text primary key,
  seq bigint generated always as identity,
  row_id bigint not null,             -- database id of the row in the ERP
  action text not null,
  model text not null,                -- the record asked about
  res_id bigint not null,
  asker text not null,
  asked_at timestamptz not null,
  input jsonb not null default '{}',
  state text not null default 'claimed' check (state in ('claimed', 'done', 'refused', 'failed')),
  answer text,
  has_url boolean not null default false, -- the answer has an address, stored nowhere: it is asked for again
  cause jsonb,                        -- of the last failure
  attempts int not null default 0,
  retry_at timestamptz not null default now(),
  claimed_at timestamptz not null default now(),
  done_at timestamptz,
  answered_at timestamptz             -- the ERP has the answer
);
create index on erp_requests (model, res_id, seq);
create index on erp_requests (seq) where answered_at is null;

-- Secrets at rest: AES-256-GCM under CONNECTOR_SECRET.
create table secrets (
  id bigint generated always as identity primary key,
  owner text not null,                -- project_9
  name text not null,                 -- storage_key
  sealed text not null,
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);
create unique index one_live_secret on secrets (owner, name) where revoked_at is null;

create table storages (
  project_id bigint primary key references projects (id),
  strategy text not null check (strategy in ('bucket', 'prefix')),
  bucket_id text,
  bucket_name text not null,
  prefix text not null default '',
  key_name text not null,
  key_id text,
  key_read_only boolean not null default false,
  lifecycle_days int,                 -- how long its bucket keeps old versions, 0: for ever; null: shared, or not made
  secret_id bigint references secrets (id),
  created_at timestamptz not null default now()
);

create table documents (
  id bigint generated always as identity primary key,
  project_id bigint not null references projects (id),
  kind text not null check (kind in ('bep', 'eir')),
  file_name text not null,
  sha256 text not null,
  size int not null,
  content bytea,                      -- dropped once filed everywhere
  created_at timestamptz not null default now(),
  unique (project_id, kind)
);

-- One-time and expiring links; the token is stored only sealed.
create table links (
  token_hash text primary key,        -- SHA-256, hex
  fact text unique,                   -- what it was made for: run_<uuid>_contact
  sealed text,                        -- its token, so that a mail that goes out twice says the same
  kind text not null check (kind in ('credentials', 'billing', 'acceptance')),
  subscription_id bigint references subscriptions (id),
  organisation_id bigint references organisations (id), -- whom a billing link logs in
  stakeholder_id bigint references stakeholders (id), -- null: the organisation's contact
  partner_id bigint,                  -- res.partner whose portal user sets a password here; null: nobody's
  expires_at timestamptz not null,
  revoked_at timestamptz,
  opened_at timestamptz,
  secret_shown_at timestamptz,
  secret_browser_hash text,           -- the one browser that may see the storage key
  created_at timestamptz not null default now(),
  check (case kind when 'billing' then organisation_id is not null else subscription_id is not null end)
);
create index on links (subscription_id);
create index on links (organisation_id) where organisation_id is not null;

-- Who of a project can log in to the ERP's portal, and what keeps the others out.
create table portal_access (
  stakeholder_id bigint primary key references stakeholders (id) on delete cascade,
  subscription_id bigint not null references subscriptions (id),
  outcome text not null check (outcome in ('created', 'already_ours', 'accepted', 'needs_acceptance', 'needs_staff',
    'over_limit', 'made_by_staff')),
  reason text,
  accepted_at timestamptz,            -- the person agreed that an existing user is let in
  told_outcome text,                  -- what staff's activity says of it
  checked_at timestamptz not null default now()
);
create index on portal_access (subscription_id);

create table mails (
  id bigint generated always as identity primary key,
  message_id text not null unique,
  fact text not null unique,          -- run_<uuid>_welcome_<recipient index>: one mail for one fact
  template text not null,
  locale text not null,
  recipient text not null,
  subject text not null default '',
  attachments jsonb not null default '[]', -- names of the files that went with it
  status text not null default 'queued' check (status in ('queued', 'sent')),
  created_at timestamptz not null default now(),
  sent_at timestamptz
);

-- Answers to repeated POSTs with the same Idempotency-Key; kept 24 hours.
create table api_idempotency (
  scope text not null,
  key_hash text not null,
  request_hash text not null,
  status int,
  body jsonb,
  created_at timestamptz not null default now(),
  primary key (scope, key_hash)
);

-- One row a named cursor: how far the backfill has read.
create table sync_passes (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('full', 'import')),
  dry_run boolean not null,
  cursor text,                        -- the last subscription compared: after a crash it goes on from there
  cursor_created timestamptz,
  listed boolean not null default false,
  looked int not null default 0,
  expected int not null default 0,    -- as far as is known at the beginning
  found jsonb not null default '{}',  -- findings by kind
  findings jsonb not null default '[]', -- the first thousand, for whoever wants to see the plan
  holder text,                        -- the process at work, until its lease is over
  lease_until timestamptz,
  started_at timestamptz not null,
  finished_at timestamptz,
  cause jsonb
);

create table drifts (
  kind text not null,
  subject text not null,              -- sub_…, an external id, a bucket
  customer_id text,
  severity text not null check (severity in ('info', 'warning', 'critical')),
  healed boolean not null,            -- a pass mends it by itself
  details jsonb,
  announced_at timestamptz,           -- staff were told in the ERP
  resolved_at timestamptz,            -- a later pass did not find it again; the row goes with its activity
  first_seen timestamptz not null,
  last_seen timestamptz not null,
  pass_id bigint not null references sync_passes (id),
  primary key (kind, subject)
);

create table cursors (
  name text primary key,
  value text not null,
  updated_at timestamptz not null default now()
);
