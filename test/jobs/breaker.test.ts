import { expect, it } from 'vitest';
import { ConnectorError } from '../../connector/errors.ts';
import { createBreakers } from '../../connector/jobs/breaker.ts';

const down = () =>
  Promise.reject(
    new ConnectorError({ kind: 'retryable', code: 'refused', message: 'refused', unreachable: true }),
  );
const fine = async () => 'answer';

function setup() {
  let time = Date.parse('2026-01-01T00:00:00Z');
  const breakers = createBreakers({ now: () => new Date(time) });
  return { breakers, pass: (ms: number) => (time += ms) };
}

it('opens on a failure to reach the system, refuses at once, and closes after a probe that was answered', async () => {
  const { breakers, pass } = setup();
  await expect(breakers.run('odoo', down)).rejects.toMatchObject({ code: 'refused' });
  expect(breakers.state().odoo).toMatchObject({ state: 'open', failures: 1 });
  let called = false;
  const call = async () => {
    called = true;
  };
  await expect(breakers.run('odoo', call)).rejects.toMatchObject({
    code: 'odoo_away',
    kind: 'retryable',
    unreachable: true,
    retryAfterMs: 500,
  });
  expect(called).toBe(false);
  expect(await breakers.run('b2', fine)).toBe('answer');
  pass(500);
  expect(await breakers.run('odoo', fine)).toBe('answer');
  expect(breakers.state()).toMatchObject({
    odoo: { state: 'closed', failures: 0, openedAt: null, nextProbeAt: null },
    b2: { state: 'closed' },
  });
});

it('lets one probe through at a time, at a distance that grows to 30 s', async () => {
  const { breakers, pass } = setup();
  await expect(breakers.run('stripe', down)).rejects.toThrow();
  const distances: number[] = [];
  for (let i = 0; i < 9; i++) {
    const next = breakers.state().stripe!.nextProbeAt!.getTime();
    pass(next - (breakers.state().stripe!.openedAt!.getTime() + distances.reduce((a, b) => a + b, 0)));
    distances.push(
      next - breakers.state().stripe!.openedAt!.getTime() - distances.reduce((a, b) => a + b, 0),
    );
    await expect(breakers.run('stripe', down)).rejects.toMatchObject({ code: 'refused' });
  }
  expect(distances).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  pass(30_000);
  let answer: (value: string) => void = () => undefined;
  const probe = breakers.run('stripe', () => new Promise<string>((resolve) => (answer = resolve)));
  expect(breakers.state().stripe!.state).toBe('half_open');
  await expect(breakers.run('stripe', fine)).rejects.toMatchObject({ code: 'stripe_away' });
  answer('back');
  expect(await probe).toBe('back');
  expect(breakers.state().stripe!.state).toBe('closed');
});

it('counts calls that were under way together once, and stays closed on an error that is an answer', async () => {
  const { breakers } = setup();
  await Promise.allSettled([breakers.run('bep', down), breakers.run('bep', down), breakers.run('bep', down)]);
  expect(breakers.state().bep!.failures).toBe(1);
  const other = new ConnectorError({
    kind: 'retryable',
    code: 'database_unreachable',
    message: 'away',
    system: 'database',
    unreachable: true,
  });
  await expect(breakers.run('b2', () => Promise.reject(other))).rejects.toBe(other);
  expect(breakers.state().b2!.state).toBe('closed');
  const refused = () => Promise.reject(new ConnectorError({ kind: 'permanent', code: 'no', message: 'no' }));
  await expect(breakers.run('smtp', refused)).rejects.toMatchObject({ code: 'no' });
  expect(breakers.state().smtp!.state).toBe('closed');
});
