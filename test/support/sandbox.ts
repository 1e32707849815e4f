/** The outside world for a test file: in memory, on free ports, gone when the file is done. */
import { afterAll } from 'vitest';
import { startWorld, type World, type WorldOptions } from '../../scripts/sandbox/world.ts';

const worlds: World[] = [];

// Registered when the file imports this module, so it works from `beforeAll` and from a test alike.
afterAll(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.stop()));
});

/** Stopped by itself when the test file is done; stop it earlier for a restart. */
export async function startTestWorld(options: WorldOptions = {}): Promise<World> {
  const world = await startWorld(options);
  worlds.push(world);
  return world;
}
