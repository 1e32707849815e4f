/** Where Odoo's names for countries and languages differ from the standards'. */

/** External id of an ISO 3166-1 alpha-2 country. `base.<code>`, but the United Kingdom is `base.uk` (Odoo 17 to 19, res_country_data.xml). */
export const countryXmlId = (country: string): string =>
  `base.${country.toUpperCase() === 'GB' ? 'uk' : country.toLowerCase()}`;

const LANGUAGES: Readonly<Record<string, string>> = {
  fr: 'fr_FR',
  de: 'de_DE',
  es: 'es_ES',
  it: 'it_IT',
  nl: 'nl_NL',
};

/** Odoo's language code; null (left to Odoo's default) for English and for languages without one sure choice. */
export const odooLanguage = (locale: string): string | null =>
  LANGUAGES[locale.slice(0, 2).toLowerCase()] ?? null;
