/** A customer's whole life on the sandbox with the clock moved: bought, ended, stage by stage, come back. */
import { expect } from 'vitest';
import type { ListedStage } from '../../connector/provisioning/lifecycle/list.ts';
import { checkout, type Draft, draft, eventually, runOf } from '../support/connector.ts';
import { openScene } from '../support/scene.ts';

const DAY = 86_400_000;

export interface Customer {
  readonly order: string;
  readonly subscriptionId: number;
  readonly providerId: string;
  readonly projectId: number;
  readonly organisationId: number;
  readonly contact: string;
  /** Stripe's, cus_… */
  readonly customer: string;
  readonly logins: readonly string[];
}

export type Life = Awaited<ReturnType<typeof openLife>>;

export const canWrite = (keys: readonly { capabilities: readonly string[] }[]): boolean[] =>
  keys.map(({ capabilities }) => capabilities.includes('writeFiles'));

/** A world of its own: the days add up, and the ERP's key of a year ends. */
export async function openLife() {
  const { world, db, connector, close } = await openScene({ now: 'world' });

  async function buy(change: Draft = {}, known?: Customer): Promise<Customer> {
    const { organisation, ...rest } = draft(change);
    const body = known === undefined ? { organisation, ...rest } : rest;
    const headers: Record<string, string> =
      known === undefined ? {} : { authorization: `Bearer ${known.order}` };
    const reply = await checkout(connector.publicUrl, body, headers);
    expect(reply).toMatchObject({ status: 201 });
    world.systems.stripe.payCheckout(reply.body.session_id);
    // Webhooks are signed with the time of day, and this connector lives in the future.
    const session = world.systems.stripe.sessions().find(({ id }) => id === reply.body.session_id)!;
    await connector.admin.request('POST', `/customers/${session.customer}/sync`);
    await runOf(connector, db, reply.body.session_id);
    const { rows } = await db.query<Omit<Customer, 'order' | 'logins'>>(
      `select s.id as "subscriptionId", s.provider_id as "providerId", s.project_id as "projectId",
              s.organisation_id as "organisationId", s.customer_id as customer, g.contact_email as contact
         from subscriptions s join checkout_sessions c on c.order_id = s.order_id
         join organisations g on g.id = s.organisation_id where c.provider_id = $1`,
      [reply.body.session_id],
    );
    const logins = (rest.stakeholders as { email: string }[]).map(({ email }) => email);
    return { ...rows[0]!, order: reply.body.order, logins };
  }

  /** Waits until the newest run of this kind is done. */
  async function done(subscriptionId: number, kind: string): Promise<void> {
    let last: unknown;
    await eventually(`run ${kind} of ${subscriptionId}`, async () => {
      const { rows } = await db.query<{ status: string; cause: unknown }>(
        'select status, cause from runs where subscription_id = $1 and kind = $2 order by created_at desc limit 1',
        [subscriptionId, kind],
      );
      last = rows[0];
      if (rows[0]?.status === 'needs_attention') throw new Error(JSON.stringify(last));
      return rows[0]?.status === 'done';
    });
  }

  async function end(customer: Customer): Promise<void> {
    await connector.admin.request('POST', `/subscriptions/${customer.providerId}/cancel`, { when: 'now' });
    await done(customer.subscriptionId, 'deprovision');
  }

  async function tick(days: number): Promise<number> {
    await world.clock.advance(days * DAY);
    const { begun } = await connector.admin.request<{ begun: number }>('POST', '/lifecycle/tick');
    return begun;
  }

  /** Webhooks are signed with the time of day, and this connector lives in the future: it is asked to look. */
  const sync = ({ customer }: Customer) => connector.admin.request('POST', `/customers/${customer}/sync`);

  /** As the customer does on the billing page, without looking at the costs first. */
  async function change({ organisationId }: Customer, plan: string): Promise<string> {
    const { token } = await connector.admin.request<{ token: string }>(
      'POST',
      `/organisations/${organisationId}/token`,
    );
    const answer = await fetch(`${connector.publicUrl}/api/v1/billing/subscription`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ plan_key: plan }),
    });
    const body = (await answer.json()) as { outcome?: string };
    expect({ ...body, status: answer.status }).toMatchObject({ status: 200 });
    return body.outcome!;
  }

  const stages = async (customer: Customer, all = true): Promise<ListedStage[]> => {
    const { stages: listed } = await connector.admin.request<{ stages: ListedStage[] }>(
      'GET',
      `/lifecycle?all=${all}`,
    );
    return listed.filter((each) => each.subscriptionId === customer.subscriptionId);
  };

  const access = async (customer: Customer): Promise<string> => {
    const { rows } = await db.query<{ access: string }>('select access from subscriptions where id = $1', [
      customer.subscriptionId,
    ]);
    return rows[0]!.access;
  };

  const active = ({ logins }: Customer): boolean[] =>
    world.systems.odoo
      .records('res.users')
      .filter((user) => logins.includes(String(user.login)))
      .map((user) => user.active === true);

  async function storage({ projectId }: Customer) {
    const { rows } = await db.query<{ bucket: string; keyId: string | null; readOnly: boolean }>(
      'select bucket_name as bucket, key_id as "keyId", key_read_only as "readOnly" from storages where project_id = $1',
      [projectId],
    );
    const [row] = rows;
    const bucket = world.systems.b2.buckets().find((each) => each.bucketName === row?.bucket);
    const keys = world.systems.b2.keys().filter((each) => each.bucketId === bucket?.bucketId);
    return { row, bucket, keys };
  }

  const folders = ({ projectId }: Customer): number => {
    const bound = world.systems.odoo
      .records('ir.model.data')
      .filter(
        (each) => String(each.name).startsWith(`project_${projectId}_`) && each.model === 'x_cde_folder',
      );
    return bound.length;
  };

  const record = ({ providerId }: Customer) =>
    world.systems.odoo.records('x_stripe_subscription').find((each) => each.x_stripe_id === providerId);

  const subjects = async (address: string): Promise<string[]> =>
    (await world.systems.mail.to(address)).map((mail) => mail.subject ?? '');

  async function comeBack(customer: Customer, plan = 'starter'): Promise<number> {
    const { subscription } = await connector.admin.request<{ subscription: { providerId: string } }>(
      'POST',
      '/subscriptions',
      {
        customer: customer.customer,
        plan,
        project: customer.projectId,
      },
    );
    return eventually('the new subscription', async () => {
      const { rows } = await db.query<{ id: number }>('select id from subscriptions where provider_id = $1', [
        subscription.providerId,
      ]);
      return rows[0]?.id;
    });
  }

  return {
    world,
    db,
    connector,
    buy,
    done,
    end,
    tick,
    sync,
    change,
    stages,
    access,
    active,
    storage,
    folders,
    record,
    subjects,
    comeBack,
    close,
  };
}
