/** `cli openapi`: the billing API as OpenAPI 3.1, from the table that routes and validates. */
import { openApi } from '../../connector/http/billing/openapi.ts';

export async function printOpenApi(_argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  process.stdout.write(`${JSON.stringify(openApi(env.PUBLIC_URL ?? 'http://localhost:8080'), null, 2)}\n`);
  return 0;
}
