/** The words of the acceptance page. */
import type { StoredLink } from '../credentials/links.ts';
import type { Language } from './field-texts.ts';

export type AcceptanceRefusal = 'unknown' | 'expired' | 'revoked' | 'not_asked' | 'foreign_page';

type About = Pick<StoredLink, 'person' | 'organisation' | 'project'>;

interface Texts {
  readonly title: string;
  readonly lead: (about: About) => string;
  /** What agreeing does, and what it does not. */
  readonly facts: readonly string[];
  readonly button: string;
  readonly decline: string;
  readonly thanks: {
    readonly title: string;
    readonly text: (about: About) => string;
    readonly portal: string;
  };
  readonly refusals: Readonly<Record<AcceptanceRefusal, readonly [title: string, text: string]>>;
}

export const ACCEPTANCE_TEXTS: Readonly<Record<Language, Texts>> = {
  en: {
    title: 'Join with the account you have',
    lead: ({ person, organisation, project }) =>
      `${person}, ${organisation} has named you for “${project}”. There is an account with your e-mail address already.`,
    facts: [
      'Your account gets access to this project’s documents.',
      'Your password, your name and your other projects stay as they are.',
      'The organisation sees that you belong to the project, and nothing else of your account.',
    ],
    button: 'Join the project',
    decline: 'If you do not want this, close the page: nothing happens.',
    thanks: {
      title: 'Thank you',
      text: ({ project }) =>
        `Your account is let into “${project}” within a few minutes. Log in as you always do.`,
      portal: 'To the portal',
    },
    refusals: {
      unknown: ['This link is not known', 'Please open it exactly as it stands in the mail.'],
      expired: ['This link has expired', 'Ask the organisation that named you to have you asked again.'],
      revoked: [
        'This link is no longer valid',
        'Ask the organisation that named you to have you asked again.',
      ],
      not_asked: ['There is nothing to agree to any more', 'Your access has been settled another way.'],
      foreign_page: ['Please use our page', 'Open the link from the mail and press the button there.'],
    },
  },
  fr: {
    title: 'Rejoindre avec votre compte existant',
    lead: ({ person, organisation, project }) =>
      `${person}, ${organisation} vous a désigné pour « ${project} ». Un compte existe déjà pour votre adresse e-mail.`,
    facts: [
      'Votre compte reçoit l’accès aux documents de ce projet.',
      'Votre mot de passe, votre nom et vos autres projets restent inchangés.',
      'L’organisation voit que vous faites partie du projet, et rien d’autre de votre compte.',
    ],
    button: 'Rejoindre le projet',
    decline: 'Si vous ne le souhaitez pas, fermez la page : rien ne se passe.',
    thanks: {
      title: 'Merci',
      text: ({ project }) =>
        `Votre compte est admis dans « ${project} » d’ici quelques minutes. Connectez-vous comme d’habitude.`,
      portal: 'Vers le portail',
    },
    refusals: {
      unknown: ['Ce lien est inconnu', 'Ouvrez-le exactement tel qu’il figure dans l’e-mail.'],
      expired: [
        'Ce lien a expiré',
        'Demandez à l’organisation qui vous a désigné de vous solliciter à nouveau.',
      ],
      revoked: [
        'Ce lien n’est plus valable',
        'Demandez à l’organisation qui vous a désigné de vous solliciter à nouveau.',
      ],
      not_asked: ['Il n’y a plus rien à accepter', 'Votre accès a été réglé autrement.'],
      foreign_page: ['Utilisez notre page', 'Ouvrez le lien de l’e-mail et appuyez sur le bouton.'],
    },
  },
};
