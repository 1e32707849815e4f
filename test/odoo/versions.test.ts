import { expect, test } from 'vitest';
import { createLog } from '../../connector/log.ts';
import { createOdoo } from '../../connector/odoo/odoo.ts';
import { versionFacts } from '../../connector/odoo/versions/index.ts';
import { setupErp } from '../../scripts/commands/setup-erp.ts';
import { json, startScripted } from './scripted.ts';

test('each version has its facts; a newer one is like the newest known', () => {
  expect(versionFacts(17)).toMatchObject({
    major: 17,
    groupsField: 'groups_id',
    listViewTag: 'tree',
    apiKeysExpire: false,
  });
  expect(versionFacts(18)).toMatchObject({
    major: 18,
    groupsField: 'groups_id',
    listViewTag: 'list',
    apiKeysExpire: true,
  });
  expect(versionFacts(19)).toMatchObject({ major: 19, groupsField: 'group_ids' });
  expect(versionFacts(20)).toBe(versionFacts(19));
  expect(() => versionFacts(16)).toThrowError(expect.objectContaining({ code: 'odoo_version_unsupported' }));
});

test('a newer one is said, once by the port and by set-up', async () => {
  const server = await startScripted();
  const logged: string[] = [];
  const log = createLog({ destination: { write: (line: string) => void logged.push(line) } });
  const asked = { url: server.url, db: 'd', username: 'u', apiKey: 'k', log } as const;
  for (const [text, warnings] of [
    ['19.0', 0],
    ['20.0', 1],
  ] as const) {
    const odoo = createOdoo({ ...asked, transport: 'auto' });
    server.answer(json({ jsonrpc: '2.0', id: 1, result: { server_version: text } }));
    await odoo.version();
    await odoo.version();
    expect(logged.filter((line) => line.includes('newer than any'))).toHaveLength(warnings);
    const printed: string[] = [];
    server.answer(json({ message: 'stop here', name: 'odoo.exceptions.AccessDenied' }, 403));
    const setup = setupErp({ odooAdmin: odoo, odooAs: () => odoo, print: (line) => void printed.push(line) });
    await expect(setup).rejects.toMatchObject({ code: 'odoo_authentication' });
    expect(printed).toEqual(
      warnings === 0 ? [] : [expect.stringMatching(/^warning: Odoo 20.0 is newer .* like Odoo 19$/)],
    );
  }
});
