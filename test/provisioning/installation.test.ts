import { expect, it } from 'vitest';
import { type Identities, openInstallation } from '../../connector/provisioning/installation.ts';
import { describeOnEachDatabase } from '../support/database.ts';
import { seedSale } from '../support/seed.ts';

/** Systems that say who they are, and note who claimed them. */
function systems(names: { stripe: string; odoo: string; b2: string; numbersTakenTo?: number }) {
  const claimed: string[] = [];
  let asked = 0;
  const read = (name: string) => async () => {
    asked += 1;
    return name;
  };
  const identities: Identities = {
    stripe: { read: read(names.stripe) },
    odoo: {
      read: read(names.odoo),
      claim: async (uuid) => {
        claimed.push(uuid);
        return { numbersTakenTo: names.numbersTakenTo ?? 0 };
      },
    },
    b2: { read: read(names.b2) },
  };
  return { identities, claimed, asked: () => asked };
}

describeOnEachDatabase('an installation', (open) => {
  it('keeps the accounts of its first start, asks each once, and refuses others without writing to them', async () => {
    const db = await open();
    const mine = systems({ stripe: 'acct_a', odoo: 'uuid-a', b2: 'b2-a' });
    const first = await openInstallation({ db, identities: mine.identities });
    for (const system of ['stripe', 'odoo', 'b2', 'odoo'] as const) await first.verify(system);
    expect(mine.asked()).toBe(3);
    expect(mine.claimed).toEqual([first.uuid]);
    const other = systems({ stripe: 'acct_b', odoo: 'uuid-b', b2: 'b2-b' });
    const second = await openInstallation({ db, identities: other.identities });
    expect(second.uuid).toBe(first.uuid);
    for (const system of ['stripe', 'odoo', 'b2'] as const) {
      await expect(second.verify(system)).rejects.toMatchObject({
        code: 'another_account',
        kind: 'permanent',
        system,
        advice: expect.stringContaining('nothing was written'),
      });
    }
    expect(other.claimed).toEqual([]);
  });

  it('of two first starts at once with different settings lets one be, and refuses the other', async () => {
    const db = await open();
    const starts = await Promise.all(
      ['uuid-a', 'uuid-b'].map((odoo) =>
        openInstallation({ db, identities: systems({ stripe: 's', odoo, b2: 'b' }).identities }),
      ),
    );
    const ends = await Promise.allSettled(starts.map((start) => start.verify('odoo')));
    expect(ends.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const refused = ends.find((end) => end.status === 'rejected');
    expect(refused!.reason).toMatchObject({ code: 'another_account', system: 'odoo' });
  });

  it('does not remember an ERP that is somebody else’s', async () => {
    const db = await open();
    const { identities } = systems({ stripe: 'acct_a', odoo: 'uuid-a', b2: 'b2-a' });
    const refusing: Identities = {
      ...identities,
      odoo: { ...identities.odoo, claim: () => Promise.reject(new Error('bound to another')) },
    };
    const wrong = await openInstallation({ db, identities: refusing });
    await expect(wrong.verify('odoo')).rejects.toThrow('bound to another');
    const right = systems({ stripe: 'acct_a', odoo: 'uuid-mine', b2: 'b2-a' });
    await (await openInstallation({ db, identities: right.identities })).verify('odoo');
  });

  it('counts on above the numbers an earlier database used in this ERP', async () => {
    const db = await open();
    const { identities } = systems({ stripe: 'a', odoo: 'uuid-a', b2: 'b', numbersTakenTo: 4711 });
    await (await openInstallation({ db, identities })).verify('odoo');
    const sale = await seedSale(db);
    const numbers = [sale.organisationId, sale.projectId, sale.orderId, sale.subscriptionId];
    expect(Math.min(...numbers, ...sale.stakeholderIds)).toBeGreaterThan(4711);
  });

  it('does not write over an earlier database’s records', async () => {
    const db = await open();
    await seedSale(db);
    const { identities } = systems({ stripe: 'a', odoo: 'uuid-a', b2: 'b', numbersTakenTo: 4711 });
    const installation = await openInstallation({ db, identities });
    for (let tries = 0; tries < 2; tries += 1) {
      await expect(installation.verify('odoo')).rejects.toMatchObject({ code: 'erp_numbers_taken' });
    }
  });
});
