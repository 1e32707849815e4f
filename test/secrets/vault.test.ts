import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { equalSecret, hashToken, newToken } from '../../connector/secrets/token.ts';
import { createVault } from '../../connector/secrets/vault.ts';

const secret = () => randomBytes(32).toString('base64');
const older = secret();
const newer = secret();

it('opens what it sealed, and seals the same text differently each time', () => {
  const vault = createVault([newer]);
  const sealed = vault.seal('K005 clé 🔑', 'project_9/storage_key');
  expect(vault.open(sealed, 'project_9/storage_key')).toBe('K005 clé 🔑');
  expect(vault.seal('K005 clé 🔑', 'project_9/storage_key')).not.toBe(sealed);
  expect(sealed).not.toContain('K005');
});

it('goes on opening what the older secret sealed, and seals with the newer', () => {
  const sealed = createVault([older]).seal('text', 'c');
  const rotated = createVault([newer, older]);
  expect(rotated.open(sealed, 'c')).toBe('text');
  expect(createVault([newer]).open(rotated.seal('text', 'c'), 'c')).toBe('text');
});

it('says when no secret fits', () => {
  const sealed = createVault([older]).seal('text', 'project_1/storage_key');
  expect(() => createVault([newer]).open(sealed, 'project_1/storage_key')).toThrow(
    expect.objectContaining({
      kind: 'permanent',
      code: 'vault_key_missing',
      advice: expect.stringMatching(/CONNECTOR_SECRET/),
    }),
  );
});

it('does not open under another context, altered, cut or of another format', () => {
  const vault = createVault([newer]);
  const sealed = vault.seal('text', 'project_1/storage_key');
  const damaged = expect.objectContaining({ code: 'vault_damaged' });
  expect(() => vault.open(sealed, 'project_2/storage_key')).toThrow(damaged);
  const [version, id, body] = sealed.split('.') as [string, string, string];
  const flipped = Buffer.from(body, 'base64url');
  flipped[flipped.length - 1]! ^= 1;
  for (const wrong of [
    `${version}.${id}.${flipped.toString('base64url')}`,
    `${version}.${id}.${body.slice(0, 20)}`,
    `${version}.${id}`,
    `v0.${id}.${body}`,
    `${sealed}.more`,
    '',
  ])
    expect(() => vault.open(wrong, 'project_1/storage_key')).toThrow(damaged);
});

it('refuses short or no secrets', () => {
  const unusable = expect.objectContaining({ code: 'connector_secret_unusable' });
  expect(() => createVault([])).toThrow(unusable);
  expect(() => createVault([newer, randomBytes(31).toString('base64')])).toThrow(unusable);
});

it('seals anew what an older secret sealed, and only that', () => {
  const rotated = createVault([newer, older]);
  const anew = rotated.reseal(createVault([older]).seal('text', 'c'), 'c')!;
  expect(createVault([newer]).open(anew, 'c')).toBe('text');
  expect(rotated.reseal(anew, 'c')).toBeUndefined();
  expect(() => createVault([newer]).reseal(createVault([older]).seal('text', 'c'), 'c')).toThrow(
    expect.objectContaining({ code: 'vault_key_missing' }),
  );
});

it('makes tokens of 256 bits that fit a path, and compares secrets of any length', () => {
  expect(newToken()).toMatch(/^[\w-]{43}$/);
  expect(newToken()).not.toBe(newToken());
  expect(hashToken('a')).toMatch(/^[0-9a-f]{64}$/);
  expect(equalSecret('same', 'same')).toBe(true);
  expect(equalSecret('same', 'longer than same')).toBe(false);
});
