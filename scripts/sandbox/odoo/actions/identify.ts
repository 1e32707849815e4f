/** Which database this is, whose it is, and whom to ask. Binds a database that is nobody's yet. */

import { setParameter } from '../models/parameter.ts';
import { groupField, groupId, withImplied } from '../orm/groups.ts';
import type { Row } from '../orm/types.ts';
import type { Handler } from './handler.ts';

const BOUND = 'stripe_connector.installation';
const DASHBOARD = 'stripe_connector.dashboard';

export const identify: Handler = ({ env, values }) => {
  const { erp } = env;
  const parameter = (key: string) => erp.tables.first('ir.config_parameter', 'key', key)?.value ?? false;
  if (values.installation && !parameter(BOUND)) setParameter(env, BOUND, values.installation);
  if (values.installation && parameter(BOUND) === values.installation && values.dashboard)
    setParameter(env, DASHBOARD, values.dashboard);
  const managers = groupId(erp, 'sales_team.group_sale_manager');
  const [manager] = [...erp.tables.all('res.users')].filter(
    (user) =>
      user.active === true &&
      user.share !== true &&
      user.id !== 1 &&
      withImplied(erp, user[groupField(erp)] as number[]).has(managers),
  );
  return {
    database_uuid: parameter('database.uuid'),
    installation: parameter(BOUND),
    highest_number: values.installation ? highestNumber(erp.tables.all('ir.model.data')) : 0,
    sales_manager_id: manager?.id ?? false,
  };
};

function highestNumber(rows: Iterable<Row>): number {
  let highest = 0;
  for (const { module, name } of rows) {
    const number = /^(?:org|stakeholder|order|project|subscription)_(\d{1,15})_/.exec(String(name))?.[1];
    if (module === 'stripe_connector' && number !== undefined) highest = Math.max(highest, Number(number));
  }
  return highest;
}
