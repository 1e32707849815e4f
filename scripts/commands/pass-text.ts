/** A pass over everything as people read it: what was found, what is done about it, what waits for a person. */
import { DRIFT_RULES } from '../../connector/billing/passes/drift.ts';
import type { DriftRow, Finding, PassDetails, Treatment } from '../../connector/billing/passes/rows.ts';
import { minute, table } from './table.ts';

const DONE: Readonly<Record<Treatment, string>> = {
  mends: 'mended',
  takes_over: 'taken over',
  tells: 'for a person',
};
const WOULD_BE: Readonly<Record<Treatment, string>> = {
  mends: 'would be mended',
  takes_over: 'would be taken over',
  tells: 'for a person',
};
// Enough to see what it is about; all of them are in --json.
const SHOWN = 50;

/** @param drifts what is known to disagree, of earlier passes too */
export function passText(pass: PassDetails, drifts: readonly DriftRow[]): string {
  const lines = [
    `Pass ${pass.id}${pass.dryRun ? ' (dry run: nothing was changed)' : ''}: ${pass.looked} compared.`,
    ...(pass.findings.length === 0 ? ['Everything agrees.'] : findingLines(pass)),
    ...(pass.kind === 'import' ? [importLine(pass)] : []),
    ...(pass.cause === null
      ? []
      : [`Stopped: ${pass.cause.message}\n→ ${pass.cause.advice ?? 'see the log'}`]),
  ];
  const open = drifts.filter((each) => !each.healed);
  return [
    ...lines,
    ...(open.length === 0 ? [] : ['', 'For a person:', openTable(open), ...advice(open)]),
  ].join('\n');
}

function findingLines({ findings, dryRun, found }: PassDetails): string[] {
  const words = dryRun ? WOULD_BE : DONE;
  const rows = findings
    .slice(0, SHOWN)
    .map((each) => [
      each.severity,
      each.kind,
      each.subject,
      each.customerId ?? '',
      detailsText(each),
      words[each.treatment],
    ]);
  const all = Object.values(found).reduce((sum, n) => sum + n, 0);
  const more = all - rows.length;
  return [
    table(['severity', 'found', 'subject', 'customer', 'how', 'what is done'], rows),
    ...(more > 0
      ? [
          `and ${more} more: ${Object.entries(found)
            .map(([kind, n]) => `${n} ${kind}`)
            .join(', ')}`,
        ]
      : []),
  ];
}

const detailsText = ({ details }: Finding): string =>
  Object.entries(details ?? {})
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join(', ');

function importLine({ found, dryRun }: PassDetails): string {
  const unknown = found.subscription_unknown ?? 0;
  if (unknown === 0) return 'There is nothing to take over.';
  return dryRun
    ? `${unknown} subscription(s) would be taken over: run "cli import".`
    : `${unknown} subscription(s) are taken over: see them in the ERP, where staff can have them provisioned.`;
}

const openTable = (open: readonly DriftRow[]): string =>
  table(
    ['severity', 'kind', 'subject', 'customer', 'since'],
    open.map((each) => [
      each.severity,
      each.kind,
      each.subject,
      each.customerId ?? '',
      minute(each.firstSeen),
    ]),
  );

const advice = (open: readonly DriftRow[]): string[] =>
  [...new Set(open.map(({ kind }) => kind))].map((kind) => `→ ${kind}: ${DRIFT_RULES[kind].advice}`);
