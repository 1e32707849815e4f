/** What is wrong with a field, in words; by code, in English and French. */
import type { FieldError } from '../billing/order-input.ts';

export type Language = 'en' | 'fr';

const TEXTS: Readonly<Record<string, readonly [english: string, french: string]>> = {
  required: ['Please fill this in.', 'Ce champ est obligatoire.'],
  too_long: ['At most {limit} characters, please.', 'Au plus {limit} caractères.'],
  too_many: ['At most {limit} people can be listed.', 'Au plus {limit} personnes.'],
  seats: [
    'This plan gives access to {limit} people: list fewer, or choose a larger plan.',
    'Cette formule donne accès à {limit} personnes : citez-en moins ou choisissez une formule plus grande.',
  ],
  characters: [
    'Line breaks and control characters are not possible here.',
    'Les retours à la ligne et caractères de contrôle sont impossibles ici.',
  ],
  email: ['This is not a complete e-mail address.', 'Cette adresse e-mail n’est pas complète.'],
  country: ['Please choose a country.', 'Veuillez choisir un pays.'],
  vat_id: [
    'A VAT number has 4 to 32 letters and digits, such as DE123456789.',
    'Un numéro de TVA compte 4 à 32 lettres et chiffres, p. ex. FR12345678901.',
  ],
  project_code: [
    'Letters, digits, dot, dash and underscore only, such as BRIDGE-01.',
    'Lettres, chiffres, point, tiret et souligné uniquement, p. ex. PONT-01.',
  ],
  role: ['Please choose a role.', 'Veuillez choisir un rôle.'],
  plan: ['Please choose a plan.', 'Veuillez choisir une formule.'],
  plan_custom: [
    'This plan has no fixed price: please talk to us.',
    'Cette formule n’a pas de prix fixe : contactez-nous.',
  ],
  interval: ['Please choose monthly or yearly.', 'Veuillez choisir mensuel ou annuel.'],
  quantity: [
    'Please give a number of users from 1 to 100,000.',
    'Indiquez un nombre d’utilisateurs de 1 à 100 000.',
  ],
  information_manager: [
    'At least one person must be the information manager.',
    'Au moins une personne doit être responsable de l’information.',
  ],
  listed_twice: [
    'This person is listed twice; give each person one role.',
    'Cette personne figure deux fois ; un seul rôle par personne.',
  ],
  locale: ['A locale looks like en or fr-CA.', 'Une langue s’écrit en ou fr-CA.'],
  url: ['This is not an http(s) address.', 'Ce n’est pas une adresse http(s).'],
  url_origin: [
    'This address is not on an allowed origin.',
    'Cette adresse n’est pas sur une origine autorisée.',
  ],
  ui: ['Either "embedded" or "redirect".', '« embedded » ou « redirect ».'],
  order: ['This is not an order token.', 'Ce n’est pas un jeton de commande.'],
  id: ['This is not an id of ours.', 'Ce n’est pas un identifiant valable.'],
  cursor: ['This is not a cursor of an earlier answer.', 'Ce n’est pas un curseur d’une réponse précédente.'],
  limit: ['A number from 1 to 100.', 'Un nombre de 1 à 100.'],
  flow: ['Either "overview" or "payment_method".', '« overview » ou « payment_method ».'],
  promotion_code: [
    'A promotion code has letters, digits and hyphens only.',
    'Un code promotionnel ne contient que des lettres, des chiffres et des traits d’union.',
  ],
  feature: ['This is not a feature key.', 'Ce n’est pas une clé de fonctionnalité.'],
  identifier: ['Up to 200 letters, digits and : . _ -', 'Jusqu’à 200 lettres, chiffres et : . _ -'],
  at: ['A time in UTC, such as 2027-01-31T12:00:00Z.', 'Une heure UTC, p. ex. 2027-01-31T12:00:00Z.'],
  currency: ['Nothing is sold in this currency.', 'Rien n’est vendu dans cette devise.'],
  addon: ['This is not an add-on of ours.', 'Ce n’est pas une option valable.'],
  domain: ['A domain name looks like example.com.', 'Un nom de domaine s’écrit example.com.'],
  when: ['Either "period_end" or "now".', '« period_end » ou « now ».'],
  feedback: ['This is not one of the reasons.', 'Ce n’est pas un des motifs.'],
  token: ['This is not a preview’s token.', 'Ce n’est pas le jeton d’un aperçu.'],
  tax_id: [
    'A tax id has a type, such as eu_vat, and a value.',
    'Un numéro fiscal a un type, p. ex. eu_vat, et une valeur.',
  ],
  unknown_field: ['This field is not known.', 'Ce champ est inconnu.'],
  type: ['This value has the wrong type.', 'Cette valeur n’est pas du bon type.'],
};

export function fieldText(error: FieldError, language: Language = 'en'): string {
  const text = (TEXTS[error.code] ?? TEXTS.type!)[language === 'fr' ? 1 : 0];
  return text.replace('{limit}', String(error.limit ?? ''));
}

/** Field errors with a text each, as problem documents carry them; the first hundred say enough. */
export function describeErrors(errors: readonly FieldError[]): readonly (FieldError & { detail: string })[] {
  return errors.slice(0, 100).map((error) => ({ ...error, detail: fieldText(error) }));
}
