/** The steps of a run one at a time: real adapters, one sandbox world that is set up, a fresh database. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../connector/config.ts';
import { createLog } from '../../connector/log.ts';
import type { StepResults } from '../../connector/provisioning/results.ts';
import { createRunStep } from '../../connector/provisioning/run-step.ts';
import type { StepDeps } from '../../connector/provisioning/step.ts';
import type { RunKind, StepName } from '../../connector/provisioning/step-plan.ts';
import { openSystems, type Systems } from '../../connector/wiring/systems.ts';
import { prepareInstallation } from '../../scripts/demo/prepare.ts';
import type { World } from '../../scripts/sandbox/world.ts';
import { openTestDatabase, type TestDatabase } from './database.ts';
import { startTestWorld } from './sandbox.ts';

export interface Steps {
  readonly world: World;
  readonly db: TestDatabase;
  /** What the steps are built on, and the adapters they do not see. */
  readonly systems: Systems;
  readonly deps: StepDeps;
  /** Does one step of a subscription's run, given what the steps before it left; `with` replaces what it works with. */
  step<Name extends StepName>(
    name: Name,
    input: {
      subscriptionId: number;
      kind?: RunKind;
      runId?: string;
      results?: Partial<StepResults>;
      with?: Partial<StepDeps>;
    },
  ): Promise<StepResults[Name]>;
}

/** Close the database yourself; the world goes with the test file. */
export async function openSteps(): Promise<Steps> {
  const world = await startTestWorld();
  const db = await openTestDatabase();
  const log = createLog({ level: 'silent' });
  const publicUrl = 'https://connect.example.com';
  const env = await prepareInstallation({
    folder: mkdtempSync(join(tmpdir(), 'connector-')),
    env: world.env,
    publicUrl,
    log,
    print: () => {},
  });
  const config = parseConfig({ ...env, PORT: '8080' }, { embedded: true });
  const now = () => world.clock.now();
  const systems = openSystems({ config, db, log, now, timeouts: {} });
  const deps: StepDeps = {
    db,
    ...systems,
    installation: '3f1c7c1e-0000-4000-8000-000000000001',
    publicUrl,
    portalUrl: `${config.odoo.url}/my`,
    credentialsDelivery: 'link',
    now,
  };
  return {
    world,
    db,
    systems,
    deps,
    step: async (name, { subscriptionId, kind = 'provision', runId, results = {}, with: change }) => {
      const runStep = createRunStep({ ...deps, ...change }, (_system, call) => call());
      const run = {
        id: runId ?? '00000000-0000-4000-8000-000000000000',
        kind,
        subscriptionId,
        status: 'running',
        startedAt: now(),
        requestId: null,
      } as const;
      const earlier = new Map(Object.entries(results)) as ReadonlyMap<StepName, unknown>;
      return (await runStep({ run, name, results: earlier })) as StepResults[typeof name];
    },
  };
}
