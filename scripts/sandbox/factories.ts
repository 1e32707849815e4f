/** Which function makes each system of the world. */
import { type B2Sandbox, createB2Sandbox } from './b2/index.ts';
import { type BepSandbox, createBepSandbox } from './bep/index.ts';
import type { MailSandbox } from './mail/index.ts';
import { createOdooSandbox, type OdooSandbox } from './odoo/index.ts';
import type { OdooModule } from './odoo/models/documents/modules.ts';
import { createRdapSandbox, type RdapSandbox } from './rdap/index.ts';
import { createStripeSandbox, type StripeSandbox } from './stripe/index.ts';
import type { HttpSystem, HttpSystemName, SystemFactory } from './system.ts';

export interface Systems {
  readonly stripe: HttpSystem & StripeSandbox;
  readonly odoo: HttpSystem & OdooSandbox;
  readonly b2: HttpSystem & B2Sandbox;
  readonly bep: HttpSystem & BepSandbox;
  readonly rdap: HttpSystem & RdapSandbox;
  readonly mail: MailSandbox;
}

export type OdooVersion = OdooSandbox['version'];
export type { OdooModule };

export const factories = (options: {
  odooVersion: OdooVersion;
  odooModules: readonly OdooModule[];
}): Record<HttpSystemName, SystemFactory> => ({
  stripe: createStripeSandbox,
  odoo: (context) =>
    createOdooSandbox(context, { version: options.odooVersion, modules: options.odooModules }),
  b2: createB2Sandbox,
  bep: createBepSandbox,
  rdap: createRdapSandbox,
});
