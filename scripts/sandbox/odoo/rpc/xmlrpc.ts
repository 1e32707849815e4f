/** `POST /xmlrpc/2/common` and `/xmlrpc/2/object`. */
import type { ServerResponse } from 'node:http';
import type { ReplayedRequest } from '../../system.ts';
import type { OdooError } from '../errors.ts';
import type { Erp } from '../orm/types.ts';
import { asOdooError, send, sendHtml } from './answer.ts';
import { callService } from './services.ts';
import { readCall } from './xml-read.ts';
import { writeFault, writeResult } from './xml-write.ts';

const WARNING = 2;
const ACCESS_DENIED = 3;
const ACCESS_ERROR = 4;
const APPLICATION_ERROR = 1;

const FAULTS: Readonly<Record<string, number>> = {
  'odoo.exceptions.AccessDenied': ACCESS_DENIED,
  'odoo.exceptions.AccessError': ACCESS_ERROR,
  'odoo.exceptions.MissingError': WARNING,
  'odoo.exceptions.RedirectWarning': WARNING,
  'odoo.exceptions.UserError': WARNING,
  'odoo.exceptions.ValidationError': WARNING,
};

export function serveXmlRpc(deps: { erp: Erp; log: (line: string) => void }) {
  return (req: ReplayedRequest, res: ServerResponse, service: string): void => {
    const call = readCall(req.rawBody.toString('utf8'));
    if (call === undefined)
      return void sendHtml(res, 500, '<!doctype html>\n<title>500 Internal Server Error</title>\n');
    send(res, 200, 'text/xml; charset=utf-8', answer(deps, service, call));
  };
}

function answer(
  { erp, log }: { erp: Erp; log: (line: string) => void },
  service: string,
  call: { method: string; params: unknown[] },
): string {
  try {
    return writeResult(callService(erp, service, call.method, call.params));
  } catch (thrown) {
    const error = asOdooError(thrown, log);
    const code = FAULTS[error.exception] ?? APPLICATION_ERROR;
    return writeFault(code, code === APPLICATION_ERROR ? traceback(error) : error.message);
  }
}

/** Python prints its own exceptions without their module. */
const traceback = (error: OdooError) =>
  `Traceback (most recent call last):\n  File "…", line 1, in xmlrpc_2\n${error.exception.replace(/^builtins\./, '')}: ${error.message}\n`;
