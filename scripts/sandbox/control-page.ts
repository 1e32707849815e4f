/** The sandbox's front page: where everything is. */
import { escapeHtml, page, table } from './page.ts';

const TITLES: Readonly<Record<string, string>> = {
  stripe: 'Stripe: checkout, customers, events',
  odoo: 'ERP as staff see it',
  b2: 'Storage: buckets and files',
  bep: 'Documents made',
  inbox: 'Mail inbox',
};

export function controlPage(input: {
  urls: Readonly<Record<string, string>>;
  env: Readonly<Record<string, string>>;
  now: Date;
}): string {
  const links = Object.entries(TITLES).map(([name, title]) => {
    const url = escapeHtml(input.urls[name] ?? '');
    return [escapeHtml(title), `<a href="${url}">${url}</a>`];
  });
  const calls = ['world', 'faults', 'counts', 'clock', 'state/stripe', 'state/odoo', 'state/b2'].map(
    (path) => `<a href="/api/${path}">${path}</a>`,
  );
  const env = Object.entries(input.env).map(([name, value]) => `${name}=${value}`);
  return page({
    title: 'Sandbox',
    body: `<p>It is ${escapeHtml(input.now.toISOString())} here.</p>${table(['System', 'Address'], links)}
<p>Control API: ${calls.join(' · ')}</p><h2>Environment</h2><pre>${escapeHtml(env.join('\n'))}</pre>`,
  });
}
