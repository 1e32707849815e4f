/** The mapping check and the doctor's questions, asked with the service's own key. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type FieldMapping, loadOdooMapping, type OdooMapping } from '../../../connector/crm/mapping.ts';
import { checkOdooMapping } from '../../../connector/crm/mapping-check.ts';
import { keyFindings } from '../../../scripts/commands/doctor/odoo-key.ts';
import { rightsFindings } from '../../../scripts/commands/doctor/odoo-rights.ts';
import { workspaceFindings } from '../../../scripts/commands/doctor/odoo-workspace.ts';
import { openPreparedErp, type PreparedErp, SERVICE } from './erp.ts';

let erp: PreparedErp;
beforeAll(async () => {
  erp = await openPreparedErp();
}, 120_000);

const shipped = loadOdooMapping();
const opportunityWith = (fields: Record<string, FieldMapping>, model = 'crm.lead'): OdooMapping => ({
  ...shipped,
  records: { ...shipped.records, opportunity: { model, write: 'once', fields } },
});

describe('mapping', () => {
  test('the shipped one fits what setup made, over every transport', async () => {
    const key = readFileSync(erp.keyFile, 'utf8').trim();
    for (const transport of erp.transports)
      expect(await checkOdooMapping(erp.as(SERVICE, key, transport), shipped), transport).toEqual([]);
  });

  test('what does not fit is found', async () => {
    const problems = await checkOdooMapping(
      erp.service,
      opportunityWith({
        nickname: { fact: 'project.name' },
        create_date: { fact: 'invoice.paid_at' },
        expected_revenue: { text: '{plan.name}' },
        type: { value: 'sale' },
        'user_id/id': { value: 'base.nobody_at_all' },
        'country_id/id': { value: 'base.EUR' },
        'team_id/id': { value: 'sales_team.team_sales_department' },
      }),
    );
    expect(problems.map(({ problem }) => problem)).toEqual([
      expect.stringContaining('crm.lead has no field nickname'),
      expect.stringContaining('crm.lead.create_date is read-only'),
      expect.stringContaining('wrong type'),
      expect.stringContaining('no value "sale"'),
      expect.stringContaining('no external id "base.nobody_at_all"'),
      expect.stringContaining('is a record of res.currency'),
    ]);
  });

  test('a model that is not there, one that may not be written', async () => {
    const [absent] = await checkOdooMapping(
      erp.service,
      opportunityWith({ name: { value: 'x' } }, 'x_no_such_model'),
    );
    expect(absent?.problem).toBe('this ERP has no model x_no_such_model');
    const [refused] = await checkOdooMapping(
      erp.service,
      opportunityWith({ name: { value: 'x' } }, 'res.country'),
    );
    expect(refused?.problem).toBe('the service’s user may not create, write records of res.country');
  });
});

describe('doctor', () => {
  test('finds the service’s rights just right, an administrator’s too many', async () => {
    expect(await rightsFindings(erp.service)).toEqual([
      { colour: 'green', text: 'all rights the work needs' },
      { colour: 'green', text: 'no right beyond them that could do harm' },
    ]);
    const admins = (await rightsFindings(erp.admin)).filter(({ colour }) => colour === 'yellow');
    expect(admins.map(({ text }) => text)).toContain(
      'the service’s user may create, write, unlink res.users: more than it needs',
    );
  });

  test('reads when the key ends, and where workspaces lie', async () => {
    const [key] = await keyFindings(erp.service, new Date());
    expect(key?.text).toMatch(erp.facts.apiKeysExpire ? /^the key ends on \d{4}/ : /does not expire/);
    expect(key?.colour).toBe('green');
    expect((await workspaceFindings(erp.service, 'auto'))[0]).toMatchObject({ colour: 'green' });
  });
});
