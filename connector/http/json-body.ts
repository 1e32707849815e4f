/** A JSON body read strictly: wrong type, broken UTF-8 and broken JSON each have their own answer. */
import type { Request } from 'express';
import { requestError } from './problem.ts';

/**
 * @param req with its body as raw bytes (express.raw)
 * @throws ConnectorError `unsupported_media_type`, `body_not_utf8`, `body_not_json`
 */
export function jsonBody(req: Request): unknown {
  if (!req.is('application/json'))
    throw requestError('unsupported_media_type', 'Send the body as application/json.');
  return parse(decode(req.body as Uint8Array));
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw requestError('body_not_utf8', 'The body is not valid UTF-8.');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw requestError('body_not_json', 'The body is not valid JSON.');
  }
}
