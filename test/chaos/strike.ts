/** Lets processes work on runs, and kills each of them where it is told. */
import type { World } from '../../scripts/sandbox/world.ts';
import { eventually } from '../support/connector.ts';
import type { KillPoint } from './point.ts';
import type { ConnectorProcess } from './process.ts';
import type { Instance, Scene } from './scene.ts';

/** The n-th call of this operation in a run takes effect, and its answer is never read. */
interface CallPoint {
  readonly name: string;
  readonly system: string;
  readonly operation: string;
  readonly skip: number;
}

export type Point = KillPoint | CallPoint;

const isCall = (point: Point): point is CallPoint => 'system' in point;

const PROVISIONING = ['odoo', 'b2', 'bep', 'mail'];

export function callPoints(world: World): readonly CallPoint[] {
  return Object.entries(world.counts.all()).flatMap(([what, times]) => {
    const [system = '', ...rest] = what.split(' ');
    const operation = rest.join(' ');
    // The look for what staff have asked is nobody's run.
    if (!PROVISIONING.includes(system) || operation === 'x_stripe_request.search_read') return [];
    return Array.from({ length: times }, (_, skip) => ({
      name: `${what} #${skip + 1} taken, answer not read`,
      system,
      operation,
      skip,
    }));
  });
}

const WORKERS = { pglite: 1, postgres: 3 } as const;

async function runs(instance: Instance, status: string): Promise<number> {
  const answer = await instance.admin
    .request<{ runs: unknown[] }>('GET', `/runs?status=${status}&limit=200`)
    .catch(() => ({ runs: [] }));
  return answer.runs.length;
}

export const untilDone = (instance: Instance, count: number) =>
  eventually(`${count} runs are done`, async () => (await runs(instance, 'done')) >= count, 60_000);

export const untilQueued = (instance: Instance, count: number) =>
  eventually(`${count} runs are queued`, async () => (await runs(instance, 'queued')) >= count, 60_000);

/** Lets processes work on all runs; the first time a run begins it is told where to die. */
export async function strikeAll(
  scene: Scene,
  { points, expected }: { points: readonly Point[]; expected: number },
): Promise<{ kills: ReadonlyMap<string, string[]>; missed: readonly string[] }> {
  const { world } = scene;
  const left = [...points];
  const seen = new Set<string>();
  const kills = new Map<string, string[]>();
  const shot = new Set<ConnectorProcess>();
  const armed = new Map<string, CallPoint>();
  const instances: Instance[] = [];
  let held = world.faults.held().length;
  let struck = 0;
  let idleSince: number | undefined;
  let orphanSince: number | undefined;

  const isArmed = ({ system, operation }: Pick<CallPoint, 'system' | 'operation'>) =>
    [...armed.values()].find((each) => each.system === system && each.operation === operation);

  const record = (run: string | undefined, name: string) => {
    struck += 1;
    if (run !== undefined) kills.set(run, [...(kills.get(run) ?? []), name]);
  };

  const onRun = (run: string, process: ConnectorProcess) => {
    const fresh = !seen.has(run);
    seen.add(run);
    // Of one operation one call at a time: it is whose run comes by.
    const at = left.findIndex((each) => !isCall(each) || !isArmed(each));
    const point = fresh && at >= 0 ? left.splice(at, 1)[0] : undefined;
    if (point === undefined) return { point: null };
    if (isCall(point)) {
      const { system, operation, skip } = point;
      armed.set(point.name, point);
      world.faults.add({ system, operation, skip, times: 1, kind: 'reset_after', silent: true });
      return { point: null };
    }
    void process.gone.then(() => {
      // It died of a call before it came to its own point, which another run then gets.
      if (shot.has(process)) left.unshift(point);
      else record(run, point.name);
    });
    return { point };
  };

  const keepAlive = async (slot: number): Promise<void> => {
    const instance = await scene.start({}, { onRun });
    instances[slot] = instance;
    void instance.gone.then((signal) => {
      if (signal === 'SIGKILL' && !finished) return keepAlive(slot);
    });
  };
  let finished = false;
  await Promise.all(Array.from({ length: WORKERS[scene.kind] }, (_, slot) => keepAlive(slot)));

  try {
    await eventually(
      'all runs are done after all kills',
      async () => {
        for (const request of world.faults.held().slice(held)) {
          const owner = scene.ownerOf(`${request.serverPort}<${request.clientPort}`);
          orphanSince ??= Date.now();
          // Its word is still on the way, unless it died of another point before it could give it.
          if (owner === undefined && Date.now() - orphanSince < 1_000) break;
          orphanSince = undefined;
          held += 1;
          const { name } = isArmed(request)!;
          armed.delete(name);
          record(owner?.run(), name);
          if (owner !== undefined) shot.add(owner);
          owner?.kill();
        }
        // Or the notes, whose calls are to be struck too, would wait behind each of the dead.
        if (scene.kind === 'postgres') await scene.passLease(10);
        if ((await runs(instances[0]!, 'done')) < expected) return false;
        if (struck === points.length) return true;
        idleSince ??= Date.now();
        if (Date.now() - idleSince > 30_000) throw new Error('nothing is left to do');
        return false;
      },
      600_000,
    ).catch((error: Error) => {
      throw new Error(
        `${error.message}: ${struck} of ${points.length} struck, not: ${[...armed.keys(), ...left.map(({ name }) => name)].slice(0, 5).join('; ')}`,
      );
    });
  } finally {
    finished = true;
  }
  await Promise.all(instances.map((each) => each.stop()));
  return { kills, missed: [...armed.keys(), ...left.map(({ name }) => name)] };
}
