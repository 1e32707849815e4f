/** The words around logging in to the billing page. */
import type { Language } from '../../field-texts.ts';

interface LoginTexts {
  readonly title: string;
  readonly lead: string;
  readonly ended: string;
  readonly email: string;
  readonly send: string;
  readonly sent: readonly [title: string, text: string];
  readonly click: string;
  readonly goIn: string;
  readonly used: readonly [title: string, text: string];
  readonly again: string;
}

export const LOGIN_TEXTS: Readonly<Record<Language, LoginTexts>> = {
  en: {
    title: 'Your billing',
    lead: 'Type the address that we write to, and we mail you a link to your plan, invoices and means of payment.',
    ended: 'Your session has ended. Type the address that we write to, and we mail you a new link.',
    email: 'E-mail address of your organisation’s contact',
    send: 'Mail me a link',
    sent: [
      'Please look into your mailbox',
      'If this is the address of an organisation’s contact, a link is on its way. It works once, for thirty minutes.',
    ],
    click: 'Go on to your plan, invoices and means of payment. The link works once.',
    goIn: 'Open the billing page',
    used: ['This link has been used, or has expired', 'Ask for a new one; it takes a moment.'],
    again: 'Ask for a new link',
  },
  fr: {
    title: 'Votre facturation',
    lead: 'Indiquez l’adresse à laquelle nous vous écrivons : vous recevrez un lien vers votre formule, vos factures et votre moyen de paiement.',
    ended:
      'Votre session est terminée. Indiquez l’adresse à laquelle nous vous écrivons pour recevoir un nouveau lien.',
    email: 'Adresse e-mail du contact de votre organisation',
    send: 'Recevoir un lien',
    sent: [
      'Consultez votre messagerie',
      'Si c’est l’adresse du contact d’une organisation, un lien est en route. Il fonctionne une seule fois, pendant trente minutes.',
    ],
    click:
      'Continuez vers votre formule, vos factures et votre moyen de paiement. Le lien ne fonctionne qu’une fois.',
    goIn: 'Ouvrir la page de facturation',
    used: ['Ce lien a déjà servi ou a expiré', 'Demandez-en un nouveau ; cela ne prend qu’un instant.'],
    again: 'Demander un nouveau lien',
  },
};
