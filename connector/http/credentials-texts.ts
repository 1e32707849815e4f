/** The words of the credentials page. */
import type { Language } from './field-texts.ts';

/** Why nothing can be shown, each with its HTTP status. */
export type Refusal =
  | 'unknown'
  | 'expired'
  | 'revoked'
  | 'used'
  | 'not_yours'
  | 'no_key'
  | 'no_user'
  | 'has_password'
  | 'no_cookie'
  | 'foreign_page'
  | 'later';

export const REFUSAL_STATUS: Readonly<Record<Refusal, number>> = {
  unknown: 404,
  expired: 410,
  revoked: 410,
  used: 410,
  not_yours: 403,
  no_key: 404,
  no_user: 404,
  has_password: 409,
  no_cookie: 400,
  foreign_page: 403,
  later: 503,
};

interface Texts {
  readonly title: string;
  readonly lead: (person: string, project: string) => string;
  readonly password: { readonly title: string; readonly text: string; readonly button: string };
  readonly storage: { readonly title: string; readonly text: string; readonly button: string };
  readonly key: {
    readonly title: string;
    readonly warning: (time: string) => string;
    readonly id: string;
    readonly secret: string;
    readonly bucket: string;
    readonly prefix: string;
  };
  readonly until: (day: string) => string;
  readonly portal: string;
  readonly goOn: string;
  readonly back: string;
  readonly refusals: Readonly<Record<Refusal, readonly [title: string, text: string]>>;
}

const NEW_LINK = {
  en: 'Ask the person who gave you access, or answer our mail, for a new link.',
  fr: 'Demandez un nouveau lien à la personne qui vous a donné accès, ou en répondant à notre message.',
};

export const CREDENTIALS_TEXTS: Readonly<Record<Language, Texts>> = {
  en: {
    title: 'Your access',
    lead: (person, project) =>
      `${person}, this page is meant for you alone. It gives you your access to ${project}.`,
    password: {
      title: 'Your account',
      text: 'Choose the password with which you log in to the portal.',
      button: 'Set your password',
    },
    storage: {
      title: 'Storage key',
      text: 'The key is shown in this browser only, for fifteen minutes from the first time on. Have a password manager at hand.',
      button: 'Show the storage key',
    },
    key: {
      title: 'Your storage key',
      warning: (time) => `Copy it now: it can be seen in this browser until ${time} (UTC), then no more.`,
      id: 'Key id',
      secret: 'Key',
      bucket: 'Bucket',
      prefix: 'Your folder in it',
    },
    until: (day) => `This link works until ${day}.`,
    portal: 'Go to the portal',
    goOn: 'Go on',
    back: 'Back',
    refusals: {
      unknown: ['This link is not valid', `Check that it is complete. ${NEW_LINK.en}`],
      expired: ['This link has expired', NEW_LINK.en],
      revoked: ['This link has been withdrawn', `A newer one may be in your mailbox. ${NEW_LINK.en}`],
      used: [
        'The storage key was shown already',
        `It is shown in one browser for fifteen minutes. If that was not you, tell us at once. ${NEW_LINK.en}`,
      ],
      not_yours: ['The storage key is not for this link', 'Only the organisation’s contact can see it.'],
      no_key: [
        'There is no storage key yet',
        'Your storage is still being set up. Please try again in a few minutes.',
      ],
      no_user: ['There is no account for this link', NEW_LINK.en],
      has_password: [
        'Your account has a password already',
        'Log in to the portal; if you have forgotten it, use “Reset password” there.',
      ],
      no_cookie: [
        'Your browser sent no cookie',
        'The storage key is tied to one browser by a cookie. Allow cookies for this page, go back and try again.',
      ],
      foreign_page: ['That came from another page', 'Open the link from our mail and use its buttons.'],
      later: ['Please try again in a moment', 'The portal cannot be reached just now. Nothing is lost.'],
    },
  },
  fr: {
    title: 'Vos accès',
    lead: (person, project) =>
      `${person}, cette page vous est réservée. Elle vous donne vos accès à ${project}.`,
    password: {
      title: 'Votre compte',
      text: 'Choisissez le mot de passe avec lequel vous vous connecterez au portail.',
      button: 'Choisir votre mot de passe',
    },
    storage: {
      title: 'Clé de stockage',
      text: 'La clé n’est affichée que dans ce navigateur, pendant quinze minutes à partir de la première fois. Ayez un gestionnaire de mots de passe à portée de main.',
      button: 'Afficher la clé de stockage',
    },
    key: {
      title: 'Votre clé de stockage',
      warning: (time) =>
        `Copiez-la maintenant : elle reste visible dans ce navigateur jusqu’à ${time} (UTC).`,
      id: 'Identifiant de la clé',
      secret: 'Clé',
      bucket: 'Bucket',
      prefix: 'Votre dossier',
    },
    until: (day) => `Ce lien est valable jusqu’au ${day}.`,
    portal: 'Aller au portail',
    goOn: 'Continuer',
    back: 'Retour',
    refusals: {
      unknown: ['Ce lien n’est pas valable', `Vérifiez qu’il est complet. ${NEW_LINK.fr}`],
      expired: ['Ce lien a expiré', NEW_LINK.fr],
      revoked: [
        'Ce lien a été retiré',
        `Un plus récent se trouve peut-être dans votre messagerie. ${NEW_LINK.fr}`,
      ],
      used: [
        'La clé de stockage a déjà été affichée',
        `Elle est affichée dans un seul navigateur pendant quinze minutes. Si ce n’était pas vous, prévenez-nous aussitôt. ${NEW_LINK.fr}`,
      ],
      not_yours: [
        'La clé de stockage n’est pas liée à ce lien',
        'Seul le contact de l’organisation peut la voir.',
      ],
      no_key: [
        'Il n’y a pas encore de clé de stockage',
        'Votre stockage est en préparation. Réessayez dans quelques minutes.',
      ],
      no_user: ['Aucun compte pour ce lien', NEW_LINK.fr],
      has_password: [
        'Votre compte a déjà un mot de passe',
        'Connectez-vous au portail ; si vous l’avez oublié, utilisez-y « Réinitialiser le mot de passe ».',
      ],
      no_cookie: [
        'Votre navigateur n’a pas envoyé de cookie',
        'La clé de stockage est liée à un navigateur par un cookie. Autorisez les cookies pour cette page, revenez en arrière et réessayez.',
      ],
      foreign_page: [
        'La demande vient d’une autre page',
        'Ouvrez le lien de notre message et utilisez ses boutons.',
      ],
      later: ['Veuillez réessayer dans un instant', 'Le portail ne répond pas. Rien n’est perdu.'],
    },
  },
};
