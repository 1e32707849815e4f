/** A purchase where the ERP has an application for documents: the workspace lies in it, and the run takes few trips. */
import { describe, expect, it, onTestFinished } from 'vitest';
import type { WorldOptions } from '../../scripts/sandbox/world.ts';
import { checkout, draft, eventually, runOf } from '../support/connector.ts';
import { startTestWorld } from '../support/sandbox.ts';
import { openScene } from '../support/scene.ts';

const PLACES = [
  { odooVersion: 17, odooModules: ['dms'], driver: 'dms', files: 'dms.file', folder: 'directory_id' },
  {
    odooVersion: 17,
    odooModules: ['documents'],
    driver: 'documents_17',
    files: 'documents.document',
    folder: 'folder_id',
  },
  {
    odooVersion: 18,
    odooModules: ['documents'],
    driver: 'documents',
    files: 'documents.document',
    folder: 'folder_id',
  },
] as const satisfies readonly (WorldOptions & { driver: string; files: string; folder: string })[];

// The budget of a provisioning run, whatever the version and the driver.
const TRIPS = 14;

describe.each(PLACES)('on Odoo $odooVersion with $odooModules', ({ driver, files, folder, ...options }) => {
  it('BEP and EIR lie in the project’s workspace, after few trips', async () => {
    const world = await startTestWorld(options);
    const { db, connector, close } = await openScene({ world });
    onTestFinished(close);
    const buy = async () => {
      const before = world.systems.odoo.records('crm.lead').length;
      const reply = await checkout(connector.publicUrl, draft({ plan: 'professional' }));
      // Opened with the payment page, by the opportunity's own writer.
      await eventually(
        'the opportunity is open',
        async () =>
          world.systems.odoo.records('crm.lead').length > before &&
          world.counts.of('odoo', 'res.partner.*') > 0,
      );
      world.counts.reset();
      world.systems.stripe.payCheckout(reply.body.session_id);
      const run = await runOf(connector, db, reply.body.session_id);
      const of = (operation?: string) => world.counts.of('odoo', operation);
      // The outbox has trips of its own, for many sales at once: notes, and the record's newer versions.
      const outbox = of('mail.message.load') + of('x_stripe_subscription.load') - 1;
      return { run, trips: of() - outbox };
    };
    // What is looked up once per process is looked up by the first.
    await buy();
    const { run, trips } = await buy();
    const result = run.steps.find(({ name }) => name === 'workspace')!.result as {
      driver: string;
      url: string;
      folders: { path: string; id: number }[];
    };
    expect(result.driver).toBe(driver);
    const idOf = (path: string) => result.folders.find((each) => each.path === path)!.id;
    const filed = world.systems.odoo
      .records(files)
      .filter((row) => row.type !== 'folder')
      .map((row) => [row[folder]].flat()[0]);
    expect(filed).toContain(idOf('03 Published/Execution Plan'));
    expect(filed).toContain(idOf('03 Published/Information Requirements'));
    expect(world.systems.odoo.records('x_stripe_subscription').map((row) => row.x_workspace_url)).toContain(
      result.url,
    );
    expect(world.systems.odoo.records('x_cde_folder')).toEqual([]);
    expect(trips).toBeLessThanOrEqual(TRIPS);
  }, 120_000);
});
