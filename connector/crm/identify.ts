import { ConnectorError } from '../errors.ts';
import type { RunAction } from './actions.ts';
import type { CrmDeps } from './deps.ts';

interface Identity {
  readonly database_uuid: string;
  /** The installation this ERP belongs to; false: nobody's yet. */
  readonly installation: string | false;
  /** The highest number in the external ids of our records, an earlier installation's included. */
  readonly highest_number?: number;
  /** A sales manager, for work that has no responsible salesperson. */
  readonly sales_manager_id: number | false;
}

export interface ErpIdentity {
  readonly databaseUuid: string;
  readonly version: string;
  /** Numbers up to here are taken in the ERP: a new database's organisations, orders and the like go on above. */
  readonly highestNumber: number;
}

/**
 * Says which ERP this is, and binds it to this installation or finds it bound already.
 * @param installation uuid of our database's `installation` row; null: only look, bind nothing
 * @param dashboard address of Stripe's Dashboard in our mode, for the button "Open in Stripe"
 * @throws ConnectorError conflict `erp_belongs_to_another_installation`
 */
export async function identify(
  deps: CrmDeps,
  runAction: RunAction,
  installation: string | null,
  dashboard?: string,
): Promise<ErpIdentity> {
  const identity = await runAction<Identity>(
    'identify',
    installation === null ? {} : { values: { installation, dashboard } },
  );
  if (installation !== null && identity.installation !== installation) {
    throw new ConnectorError({
      kind: 'conflict',
      code: 'erp_belongs_to_another_installation',
      system: 'odoo',
      message: `the ERP is bound to installation ${identity.installation || 'unknown'}`,
      advice:
        'Use that installation’s database, or give the ERP to this one as docs/erp.md says (system parameter stripe_connector.installation).',
    });
  }
  return {
    databaseUuid: identity.database_uuid,
    version: (await deps.odoo.version()).text,
    highestNumber: identity.highest_number ?? 0,
  };
}

/** The user to ask when nobody is responsible; undefined: the ERP names none. */
export async function salesManager(runAction: RunAction): Promise<number | undefined> {
  const { sales_manager_id: id } = await runAction<Identity>('identify', {});
  return id === false ? undefined : id;
}
