/** A visitor of the wizard whose browser runs no scripts, and what they fill in. */

export const ROOT = '/services/comply';
export const PLAN = [
  ['plan', 'starter'],
  ['interval', 'year'],
] as const;
export const ORGANISATION = [
  ['name', 'Ponts <i>& Co</i>'],
  ['country', 'FR'],
  ['vat_id', 'FR12345678901'],
  ['contact_name', 'Zoé "Z" Ünal'],
  ['contact_email', 'zoe@ponts-wizard.example'],
] as const;
export const PROJECT = [
  ['name', 'Bridge'],
  ['code', 'B-1'],
  ['client', 'Ville'],
  ['description', 'Two\r\nlines'],
] as const;
export const PEOPLE = [
  ['name', 'Zoé'],
  ['email', 'zoe@ponts-wizard.example'],
  ['role', 'information_manager'],
] as const;

type Fields = readonly (readonly [string, string])[];

/** Cookies, forms, redirects not followed. @param url of the connector */
export function visitor(url: string, language = 'en') {
  let cookie = '';
  const request = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(new URL(path, url), {
      redirect: 'manual',
      ...init,
      headers: { 'accept-language': language, cookie, ...(init.headers as Record<string, string>) },
    });
    const set = response.headers.getSetCookie().find((value) => value.startsWith('draft='));
    if (set) cookie = set.split(';')[0]!;
    return {
      status: response.status,
      headers: response.headers,
      location: response.headers.get('location'),
      text: await response.text(),
      set,
    };
  };
  return {
    get: (path: string, headers: Record<string, string> = {}) => request(path, { headers }),
    post: (path: string, fields: Fields, headers: Record<string, string> = {}) =>
      request(path, {
        method: 'POST',
        headers,
        body: new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])),
      }),
    cookie: () => cookie,
  };
}

/** A visitor who has filled in every step and not yet paid. */
export async function filledIn(url: string) {
  const one = visitor(url);
  await one.post(ROOT, PLAN);
  await one.post(`${ROOT}/organisation`, ORGANISATION);
  await one.post(`${ROOT}/project`, PROJECT);
  await one.post(`${ROOT}/stakeholders`, PEOPLE);
  return one;
}
