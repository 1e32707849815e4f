/** Files: `/web/content/<id>` needs the attachment's token, the staff's own address of any file does not. */
import type { ServerResponse } from 'node:http';
import type { Erp } from '../orm/types.ts';
import { send } from '../rpc/answer.ts';

/** False: no such file, or not for the caller. @param of.token undefined: staff */
export function sendFile(
  res: ServerResponse,
  erp: Erp,
  { model, id, token }: { model: string; id: number; token?: string | null },
): boolean {
  const file = erp.tables.get(model, id);
  if (file === undefined || !file._content) return false;
  if (token !== undefined && (!file.access_token || file.access_token !== token) && file.public !== true)
    return false;
  send(res, 200, String(file.mimetype), Buffer.from(String(file._content), 'base64'), {
    'content-disposition': `inline; filename*=UTF-8''${encodeURIComponent(String(file.name))}`,
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
  });
  return true;
}
