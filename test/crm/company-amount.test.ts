import { expect, it } from 'vitest';
import { createCompanyAmounts } from '../../connector/crm/company-amount.ts';
import { createLog } from '../../connector/log.ts';
import { createOdoo } from '../../connector/odoo/odoo.ts';
import { startTestWorld } from '../support/sandbox.ts';

const world = await startTestWorld();
const { odoo: erp } = world.systems;

function amounts(now: () => Date = () => new Date()) {
  const odoo = createOdoo({
    url: world.urls.odoo,
    db: erp.db,
    username: erp.adminLogin,
    apiKey: erp.adminApiKey,
    transport: 'auto',
    log: createLog({ level: 'silent' }),
  });
  return createCompanyAmounts({ odoo, now });
}

const currencyId = (name: string) => erp.find('res.currency', (each) => each.name === name)!.id;

it('takes the company’s own currency as it is, and asks once', async () => {
  const own = amounts();
  world.counts.reset();
  expect(await own.of(175_000, 'usd')).toBe(1750);
  expect(await own.of(25_000, 'usd')).toBe(250);
  expect(world.counts.of('odoo', 'res.c*')).toBe(1);
});

it('has no amount in a currency the ERP keeps no rate for', async () => {
  expect(await amounts().of(175_000, 'chf')).toBeNull();
  expect(await amounts().of(175_000, 'xxx')).toBeNull();
});

it('converts by the ERP’s newest rate, and asks again after an hour', async () => {
  const rate = (name: string, value: number) =>
    erp.staff.create('res.currency.rate', { name, rate: value, currency_id: currencyId('EUR') });
  rate('2026-01-01', 0.5);
  rate('2026-02-01', 0.8);
  let at = new Date('2026-03-01T00:00:00Z');
  const converting = amounts(() => at);
  expect(await converting.of(100_000, 'eur')).toBe(1250);
  rate('2026-03-01', 1.25);
  expect(await converting.of(100_000, 'eur')).toBe(1250);
  at = new Date('2026-03-01T01:00:01Z');
  expect(await converting.of(100_000, 'eur')).toBe(800);
});

it('an ERP that did not answer is asked again, not for an hour taken at its silence', async () => {
  const converting = amounts();
  world.faults.add({ system: 'odoo', operation: 'res.company.search_read', kind: 'permanent', times: 1 });
  await expect(converting.of(100, 'usd')).rejects.toMatchObject({ system: 'odoo' });
  expect(await converting.of(100, 'usd')).toBe(1);
});

it('a currency without decimals is not divided', async () => {
  erp.staff.create('res.currency.rate', { name: '2026-01-01', rate: 150, currency_id: currencyId('JPY') });
  expect(await amounts().of(15_000, 'jpy')).toBe(100);
});
