/**
 * A pass over every subscription Stripe has: compares it with our records page by page, mends what is safe through the
 * customers' lanes and reports the rest. An import takes unknown ones over instead of reporting them.
 */
import { randomUUID } from 'node:crypto';
import type { Database, Tx } from '../../db/database.ts';
import { asConnectorError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { knownSubscriptions } from '../mirror.ts';
import { DRIFT_RULES, type Drift, driftOfPage, type ListedFact } from './drift.ts';
import {
  type Finding,
  finishPass,
  leasePass,
  type PassRow,
  saveProgress,
  showPass,
  type Treatment,
  unfinishedPasses,
} from './rows.ts';

/** `GET /v1/subscriptions`, of every status, newest first, a hundred a page; implemented by the Stripe adapter. */
export interface SubscriptionListing {
  page(input: {
    readonly startingAfter: string | null;
  }): Promise<{ readonly subscriptions: readonly ListedFact[]; readonly hasMore: boolean }>;
  /** False only when the provider says that there is none. */
  exists(providerId: string): Promise<boolean>;
}

/** Looks at what Stripe's list does not show: the ERP, storage. Only in a full pass; a dry run mends nothing. */
export type PassCheck = (input: {
  dryRun: boolean;
}) => Promise<{ readonly looked: number; readonly drifts: readonly Drift[] }>;

export interface PassDeps {
  readonly db: Database;
  readonly listing: SubscriptionListing;
  readonly checks: readonly PassCheck[];
  /** In the page's transaction; @returns called after the commit */
  readonly requestSync: (
    tx: Tx,
    input: { customerIds: readonly string[]; imported: boolean },
  ) => Promise<() => void>;
  readonly log: Log;
  readonly now: () => Date;
}

const PASSING = new Set(['retryable', 'bug']);

/** Goes on with every unfinished pass nobody works on. A system that is away leaves it for the next call. */
export async function continuePasses(deps: PassDeps): Promise<void> {
  for (const id of await unfinishedPasses(deps.db)) {
    const holder = randomUUID();
    const pass = await leasePass(deps.db, { id, holder, now: deps.now() });
    if (pass !== undefined) await work(deps, pass, holder);
  }
}

async function work(deps: PassDeps, pass: PassRow, holder: string): Promise<void> {
  try {
    await compareAll(deps, pass, holder);
    if (pass.kind === 'full') await checkElsewhere(deps, pass, holder);
    await deps.db.tx((tx) => finishPass(tx, { pass, now: deps.now() }));
    const { findings: _, ...done } = (await showPass(deps.db, pass.id))!;
    deps.log.info({ pass: done }, 'every subscription was compared with Stripe');
  } catch (thrown) {
    if (thrown === TAKEN_OVER) return;
    const error = asConnectorError(thrown);
    if (PASSING.has(error.kind)) {
      deps.log.warn({ err: error, pass: pass.id }, 'a pass stopped; it goes on where it stood');
      await deps.db.query('update sync_passes set holder = null where id = $1 and holder = $2', [
        pass.id,
        holder,
      ]);
      return;
    }
    const { code, message, advice } = error;
    await deps.db.tx((tx) =>
      finishPass(tx, {
        pass,
        now: deps.now(),
        cause: { code, message, ...(advice !== undefined && { advice }) },
      }),
    );
    deps.log.error({ err: error, pass: pass.id }, 'a pass was given up');
  }
}

async function checkElsewhere(deps: PassDeps, pass: PassRow, holder: string): Promise<void> {
  for (const check of deps.checks) {
    const { looked, drifts } = await check({ dryRun: pass.dryRun });
    await deps.db.tx((tx) => save(tx, deps, { pass, holder, looked, drifts }));
  }
}

/** Not worth a word in the log: whoever took the pass over goes on with it. */
const TAKEN_OVER = new Error('another process has taken the pass over');

async function save(
  tx: Tx,
  deps: PassDeps,
  input: Omit<Parameters<typeof saveProgress>[1], 'drifts' | 'report' | 'now'> & { drifts: readonly Drift[] },
): Promise<void> {
  const { pass, drifts } = input;
  const saved = await saveProgress(tx, {
    ...input,
    drifts: drifts.map(
      (each): Finding => ({
        ...each,
        severity: DRIFT_RULES[each.kind].severity,
        treatment: treatmentOf(pass, each),
      }),
    ),
    report: pass.dryRun ? [] : drifts.filter((each) => treatmentOf(pass, each) !== 'takes_over'),
    now: deps.now(),
  });
  if (!saved) throw TAKEN_OVER;
}

async function compareAll(deps: PassDeps, begun: PassRow, holder: string): Promise<void> {
  let pass: PassRow | undefined = begun;
  let before: ReadonlySet<string> = new Set();
  while (!pass.listed) {
    const { subscriptions, hasMore } = await deps.listing.page({ startingAfter: pass.cursor });
    await comparePage(deps, { pass, holder, subscriptions, hasMore, before });
    before = ofLastSecond(subscriptions, { pass, before });
    pass = await leasePass(deps.db, { id: begun.id, holder, now: deps.now() });
    if (pass === undefined) throw TAKEN_OVER;
  }
}

async function comparePage(
  deps: PassDeps,
  page: {
    pass: PassRow;
    holder: string;
    subscriptions: readonly ListedFact[];
    hasMore: boolean;
    /** Those of the second in which the pages meet that stood on earlier ones. */
    before: ReadonlySet<string>;
  },
): Promise<void> {
  const { pass, subscriptions, hasMore } = page;
  const last = subscriptions.at(-1);
  const known = await knownSubscriptions(deps.db, {
    ids: subscriptions.map((each) => each.providerId),
    // Others of the last one’s second may stand on the next page: they are looked for there.
    from: hasMore && last !== undefined ? last.created : null,
    until: pass.cursorCreated ?? pass.startedAt,
  });
  const drifts = await confirmed(
    deps,
    driftOfPage({ listed: subscriptions, known: known.filter((each) => !page.before.has(each.providerId)) }),
  );
  const wake = await deps.db.tx(async (tx) => {
    await save(tx, deps, {
      pass,
      holder: page.holder,
      looked: subscriptions.length,
      drifts,
      ...(last !== undefined && { cursor: { id: last.providerId, created: last.created } }),
      listed: !hasMore || last === undefined,
    });
    if (pass.dryRun) return undefined;
    const customerIds = new Set(
      drifts.flatMap((each) =>
        each.customerId !== undefined && treatmentOf(pass, each) !== 'tells' ? [each.customerId] : [],
      ),
    );
    return deps.requestSync(tx, { customerIds: [...customerIds], imported: pass.kind === 'import' });
  });
  wake?.();
}

/** What was seen so far of the second in which this page ends. */
function ofLastSecond(
  subscriptions: readonly ListedFact[],
  { pass, before }: { pass: PassRow; before: ReadonlySet<string> },
): ReadonlySet<string> {
  const second = subscriptions.at(-1)?.created.getTime();
  const seen = subscriptions
    .filter((each) => each.created.getTime() === second)
    .map((each) => each.providerId);
  // A whole page of one second, such as a bulk import makes.
  return new Set(pass.cursorCreated?.getTime() === second ? [...before, ...seen] : seen);
}

/** What the list leaves out is asked for by name before anybody is told: at a page's end it may stand on the next. */
async function confirmed(deps: PassDeps, drifts: readonly Drift[]): Promise<readonly Drift[]> {
  const sure = await Promise.all(
    drifts.map(
      async (each) => each.kind !== 'subscription_missing' || !(await deps.listing.exists(each.subject)),
    ),
  );
  return drifts.filter((_, index) => sure[index]);
}

/** What an import takes over is no finding for later. */
function treatmentOf(pass: PassRow, { kind }: Drift): Treatment {
  if (pass.kind === 'import' && kind === 'subscription_unknown') return 'takes_over';
  return DRIFT_RULES[kind].healed ? 'mends' : 'tells';
}
