/** The document engine: does it answer, and does it take our key. */
import { join } from 'node:path';
import { loadBepMapping } from '../../../connector/bep/mapping.ts';
import { networkFailure } from '../../../connector/errors-network.ts';
import type { Check } from './context.ts';
import { failed, green, red, unproven, yellow } from './finding.ts';

export const bep: Check = {
  system: 'bep',
  needs: ['BEP_', 'MAPPINGS_DIR'],
  async run({ config, callMs }) {
    const { url, apiKey } = config.bep;
    const documents = unproven(
      'that the engine makes documents from mappings/bep.json: asking would make one',
      'Buy a plan in test mode and open both PDFs.',
    );
    let path: string;
    try {
      ({ path } = loadBepMapping(join(config.mappingsDir, 'bep.json')).documents.bep.request);
    } catch (thrown) {
      return [failed('where to ask for documents', thrown)];
    }
    let status: number;
    try {
      // Looked at, not asked for: only a POST makes a document, but a wrong key is refused here as well.
      const answer = await fetch(`${url}${path}`, {
        headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
        redirect: 'manual',
        signal: AbortSignal.timeout(callMs),
      });
      await answer.body?.cancel();
      status = answer.status;
    } catch (thrown) {
      const how = networkFailure(thrown) === 'unreachable' ? 'cannot be reached' : 'does not answer';
      return [red(`the engine at ${url} ${how}`, 'Check BEP_URL and that the engine runs.')];
    }
    if (status === 401 || status === 403)
      return [red(`the engine refuses our key (HTTP ${status})`, 'Set BEP_API_KEY.')];
    if (status >= 500) return [red(`the engine is not well (HTTP ${status})`, 'See the engine’s own log.')];
    if (status >= 300 && status < 400)
      return [
        yellow(`the engine sends us elsewhere (HTTP ${status})`, 'Set BEP_URL to where it really is.'),
        documents,
      ];
    return [green(`the engine at ${url} answers`), documents];
  },
};
