/** What a person (not a program) sees when something is not there or cannot be done now. */
import type { Response } from 'express';
import type { Language } from './field-texts.ts';
import { html } from './html.ts';
import { page } from './page.ts';

type Kind = 'missing' | 'later' | 'many' | 'foreign';

const TEXTS: Readonly<Record<Language, Readonly<Record<Kind, readonly [title: string, text: string]>>>> = {
  en: {
    missing: ['Page not found', 'This link is not valid, or it has expired.'],
    later: [
      'Please try again in a moment',
      'We cannot reach our payment provider just now. Nothing is lost: your entries are kept.',
    ],
    many: ['Too many requests', 'Please wait a minute and try again.'],
    foreign: [
      'Please go on here',
      'This form was sent from another site. Nothing was changed: open our page and go on there.',
    ],
  },
  fr: {
    missing: ['Page introuvable', 'Ce lien n’est pas valable ou a expiré.'],
    later: [
      'Veuillez réessayer dans un instant',
      'Notre prestataire de paiement ne répond pas. Rien n’est perdu : vos saisies sont conservées.',
    ],
    many: ['Trop de demandes', 'Veuillez attendre une minute et réessayer.'],
    foreign: [
      'Veuillez continuer ici',
      'Ce formulaire vient d’un autre site. Rien n’a changé : ouvrez notre page et continuez-y.',
    ],
  },
};

const KINDS: Readonly<Record<number, Kind>> = { 403: 'foreign', 404: 'missing', 429: 'many' };

export function errorPage(
  res: Response,
  { status, site, language }: { status: number; site: string; language: Language },
): void {
  const kind: Kind = KINDS[status] ?? 'later';
  const [title, text] = TEXTS[language][kind];
  res
    .status(status)
    .type('html')
    .send(
      page({
        title,
        site,
        language,
        body: html`<div class="narrow"><h1>${title}</h1><p class="lead">${text}</p></div>`,
      }),
    );
}
