/** /openapi.json, and /docs: the same for people, made here without anybody else's scripts. */
import { Router } from 'express';
import { html } from '../html.ts';
import { page } from '../page.ts';
import { rateLimit } from '../rate-limit.ts';
import { openApi } from './openapi.ts';

interface Shown {
  readonly summary: string;
  readonly parameters?: readonly { name: string; in: string; required: boolean; description?: string }[];
  readonly requestBody?: { content: { 'application/json': { schema: object } } };
  readonly responses: Readonly<
    Record<string, { description: string; content?: Record<string, { schema: object }> }>
  >;
}

export function openApiRouter(publicUrl: string): Router {
  const document = openApi(publicUrl);
  const docs = docsPage(document);
  const router = Router();
  const limit = rateLimit(120);
  router.get('/openapi.json', limit, (_req, res) => {
    res.json(document);
  });
  router.get('/docs', limit, (_req, res) => {
    res.type('html').send(docs);
  });
  return router;
}

function docsPage(document: Record<string, unknown>): string {
  const { info, paths, components } = document as {
    info: { title: string; description: string };
    paths: Record<string, Record<string, Shown>>;
    components: { schemas: Record<string, object> };
  };
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, shown]) => ({ path, method, shown })),
  );
  const schemas = Object.entries(components.schemas);
  const body = html`<h1>${info.title}</h1>
<p class="lead">${info.description}</p>
<p><a href="/openapi.json">OpenAPI 3.1 (/openapi.json)</a></p>
<nav aria-label="Routes"><ul>${routes.map(
    ({ path, method, shown }) =>
      html`<li><a href="#${anchor(method, path)}"><code>${method.toUpperCase()} ${path}</code></a> ${shown.summary}</li>`,
  )}</ul></nav>
${routes.map(routeSection)}
<h2>Schemas</h2>
${schemas.map(
  ([name, schema]) =>
    html`<details class="card" id="schema-${name}"><summary><code>${name}</code></summary><pre>${json(schema)}</pre></details>`,
)}`;
  return page({ title: info.title, site: 'API', language: 'en', body });
}

function routeSection({ path, method, shown }: { path: string; method: string; shown: Shown }) {
  const schema = shown.requestBody?.content['application/json'].schema;
  return html`<section class="card" id="${anchor(method, path)}"><h2><code>${method.toUpperCase()} ${path}</code></h2>
<p>${shown.summary}</p>
${
  shown.parameters !== undefined &&
  html`<dl>${shown.parameters.map(
    (each) =>
      html`<dt><code>${each.name}</code> (${each.in}${each.required && ', required'})</dt><dd>${each.description}</dd>`,
  )}</dl>`
}${schema && html`<details><summary>Body</summary><pre>${json(schema)}</pre></details>`}
<dl>${Object.entries(shown.responses).map(
    ([status, { description, content }]) =>
      html`<dt>${status}</dt><dd>${description}${answerName(content)}</dd>`,
  )}</dl></section>
`;
}

const anchor = (method: string, path: string) => `${method}-${path.slice(1).replace(/[/{}]+/g, '-')}`;
const json = (schema: object) => JSON.stringify(schema, null, 2);

/** Of an answer that is one of the named schemas, a link to it. */
function answerName(content: Record<string, { schema: object }> | undefined) {
  const ref = (content?.['application/json']?.schema as { $ref?: string } | undefined)?.$ref;
  const name = ref?.split('/').at(-1);
  return name !== undefined && html` (<a href="#schema-${name}">${name}</a>)`;
}
