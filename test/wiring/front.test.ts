/** What the configuration says of the front end reaches its routes. */
import { expect, it } from 'vitest';
import { checkout, draft, startConnector } from '../support/connector.ts';
import { openTestDatabase } from '../support/database.ts';
import { startTestWorld } from '../support/sandbox.ts';

it('sends customers of another front end back to it, once its origin is named in CHECKOUT_ORIGINS', async () => {
  const world = await startTestWorld();
  const db = await openTestDatabase();
  const connector = await startConnector({
    world,
    db,
    env: { CHECKOUT_ORIGINS: 'https://Shop.example.com/, https://www.example.com:8443' },
  });
  try {
    const buy = (success_url: string, cancel_url: string) =>
      checkout(connector.publicUrl, { ...draft(), ui: 'redirect', success_url, cancel_url });
    const success = 'https://shop.example.com/thanks?session={CHECKOUT_SESSION_ID}';
    const { status, body } = await buy(success, 'https://www.example.com:8443/plans');
    expect(status).toBe(201);
    expect(world.systems.stripe.sessions().find(({ id }) => id === body.session_id)).toMatchObject({
      success_url: success,
      cancel_url: 'https://www.example.com:8443/plans',
    });
    const stray = await buy('https://shop.example.com.evil.example/', 'https://www.example.com/plans');
    expect(stray.body.errors).toMatchObject([
      { pointer: '/success_url', code: 'url_origin' },
      { pointer: '/cancel_url', code: 'url_origin' },
    ]);
  } finally {
    await connector.stop();
    await db.close();
  }
});
