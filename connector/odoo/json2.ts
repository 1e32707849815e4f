/** JSON-2, Odoo 19 and later: `POST /json/2/<model>/<method>`, arguments by name, real HTTP statuses. */
import { byException, byStatus } from './classify.ts';
import type { Http } from './http.ts';
import { changesNothing, type Transport } from './transport.ts';

export function createJson2(account: { db: string; apiKey: string }, http: Http): Transport {
  return {
    async call(call) {
      const answer = await http.send({
        method: 'POST',
        path: `/json/2/${encodeURIComponent(call.model)}/${encodeURIComponent(call.method)}`,
        read: changesNothing(call),
        headers: { Authorization: `bearer ${account.apiKey}`, 'X-Odoo-Database': account.db },
        body: call.args,
      });
      const body = http.json<unknown>(answer);
      if (answer.status < 300) return body;
      const { name, message = '' } = (body ?? {}) as { name?: string; message?: string };
      if (name === undefined) throw byStatus(answer);
      throw byException({ name, message: http.mask(message), status: answer.status });
    },
  };
}
