/** The demo's command line. */
import { parseArgs } from 'node:util';
import { ConnectorError } from '../../connector/errors.ts';
import type { StepName } from '../../connector/provisioning/step-plan.ts';
import { STEPS } from './fail.ts';

export const REPLACEABLE = ['odoo', 'b2', 'bep', 'smtp'] as const;
export type Replaceable = (typeof REPLACEABLE)[number];

export interface DemoOptions {
  readonly plan: string;
  readonly exit: boolean;
  readonly json: boolean;
  readonly resume: boolean;
  readonly use: readonly Replaceable[];
  /** Step name → how often it fails first. */
  readonly fail: ReadonlyMap<StepName, number>;
}

const PLANS = ['starter', 'professional', 'enterprise'];

const OPTIONS = {
  plan: { type: 'string' },
  exit: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  resume: { type: 'boolean', default: false },
  use: { type: 'string', multiple: true, default: [] as string[] },
  fail: { type: 'string', multiple: true, default: [] as string[] },
} as const;

/** Before anything is started. @throws ConnectorError permanent `demo_options` saying what is possible */
export function demoOptions(argv: readonly string[]): DemoOptions {
  const values = parsed(argv);
  const { plan = 'professional' } = values;
  if (!PLANS.includes(plan)) throw wrong(`--plan ${plan}`, `one of ${PLANS.join(', ')}`);
  if (values.resume && values.plan !== undefined)
    throw wrong(`--plan ${plan} beside --resume`, 'one of the two: what is resumed has its plan');
  const use = values.use.flatMap((each) => each.split(',')).map(replaceable);
  const fail = new Map(values.fail.map(failing));
  for (const step of fail.keys()) refuseReal(step, use);
  return { ...values, plan, use, fail };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS }).values;
  } catch (thrown) {
    throw new ConnectorError({
      kind: 'permanent',
      code: 'demo_options',
      message: (thrown as Error).message,
      advice: `Use ${Object.keys(OPTIONS)
        .map((name) => `--${name}`)
        .join(', ')}; README.md says what they do.`,
    });
  }
}

/** A real system is not failed on purpose, and the sandbox's would fail unseen. */
function refuseReal(step: StepName, use: readonly Replaceable[]): void {
  const system = STEPS.find(({ name }) => name === step)?.system;
  if (!use.some((each) => each === system)) return;
  throw wrong(
    `--fail ${step} beside --use ${system}`,
    'one of the two: a real system is not failed on purpose',
  );
}

function replaceable(text: string): Replaceable {
  const found = REPLACEABLE.find((each) => each === text.trim());
  if (found === undefined) throw wrong(`--use ${text}`, `any of ${REPLACEABLE.join(', ')}, comma-separated`);
  return found;
}

function failing(text: string): readonly [StepName, number] {
  const [, name, times] = /^([a-z_]+)=([1-9]\d?)$/.exec(text) ?? [];
  if (name === undefined || times === undefined)
    throw wrong(`--fail ${text}`, 'step=times, e.g. --fail bucket=2');
  const step = STEPS.find((each) => each.name === name);
  if (step === undefined)
    throw wrong(`--fail ${text}`, `one of the steps ${STEPS.map((each) => each.name).join(', ')}`);
  return [step.name, Number(times)];
}

function wrong(what: string, allowed: string): ConnectorError {
  return new ConnectorError({
    kind: 'permanent',
    code: 'demo_options',
    message: `${what} is not possible`,
    advice: `Use ${allowed}.`,
  });
}
