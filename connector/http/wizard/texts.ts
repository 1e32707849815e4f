/** The wizard's words. */
import type { StakeholderRole } from '../../billing/sale.ts';
import type { Language } from '../field-texts.ts';
import type { Step } from './draft.ts';

export interface WizardTexts {
  readonly steps: Readonly<Record<Step, string>>;
  readonly titles: Readonly<Record<Step, readonly [title: string, lead: string]>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly hints: Readonly<Record<string, string>>;
  readonly roles: Readonly<Record<StakeholderRole, string>>;
  readonly words: Readonly<Record<string, string>>;
}

const en: WizardTexts = {
  steps: {
    plan: 'Plan',
    organisation: 'Organisation',
    project: 'Project',
    stakeholders: 'People',
    review: 'Review',
    pay: 'Payment',
  },
  titles: {
    plan: [
      'Choose your plan',
      'A set-up, where there is one, is paid once; the plan every month or year. You can change it later.',
    ],
    organisation: ['Your organisation', 'This is what will stand on the contract and on invoices.'],
    project: ['Your project', 'The documents and the folders are made for this project.'],
    stakeholders: [
      'Who takes part?',
      'Everybody listed here gets access by e-mail. ISO 19650 needs at least one information manager.',
    ],
    review: ['Please check your order', 'Nothing is charged before the next page.'],
    pay: ['Payment', 'Card data go to Stripe directly and never reach our servers.'],
  },
  labels: {
    interval: 'Billing',
    month: 'Monthly',
    year: 'Yearly',
    quantity: 'Number of users',
    name: 'Name',
    country: 'Country',
    vat_id: 'VAT number',
    contact_name: 'Contact person',
    contact_email: 'E-mail of the contact person',
    project_name: 'Project name',
    code: 'Project code',
    client: 'Client',
    description: 'Description',
    email: 'E-mail',
    role: 'Role',
    plan: 'Plan',
    contact: 'Contact',
  },
  hints: {
    vat_id: 'Such as DE123456789. Leave it empty if you have none.',
    contact_email: 'Invoices and the storage key go to this address.',
    code: 'Short, such as BRIDGE-01: it begins every file name.',
    client: 'Who the project is made for, if that is somebody else.',
    quantity: 'Empty: as many as there are people in your project.',
  },
  roles: {
    appointing_party: 'Appointing party',
    lead_appointed_party: 'Lead appointed party',
    appointed_party: 'Appointed party',
    information_manager: 'Information manager',
  },
  words: {
    next: 'Continue',
    back: 'Back',
    optional: 'optional',
    choose: 'Please choose',
    add: 'Add a person',
    remove: 'Remove',
    person: 'Person',
    change: 'Change',
    toPay: 'Go to payment',
    setup: 'set-up, once',
    noSetup: 'no set-up fee',
    setupOnce: 'Set-up, once',
    recurring: 'Recurring',
    perUser: 'per user',
    users: 'users',
    today: 'Due today',
    todayTrial: 'Due today (the recurring price starts after a trial of {days} days)',
    tax: 'Prices exclude VAT.',
    metered: 'by use',
    per: 'per',
    talk: 'Talk to us',
    custom: 'Priced for your case',
    problems: 'Please correct the following',
    loading: 'Loading Stripe’s payment form…',
    failed: 'The payment form could not be loaded here. Please use the button below.',
    hosted: 'Pay on Stripe’s own page',
    trouble: 'Trouble with the form, or no JavaScript?',
    yourOrder: 'Your order',
  },
};

const fr: WizardTexts = {
  steps: {
    plan: 'Formule',
    organisation: 'Organisation',
    project: 'Projet',
    stakeholders: 'Personnes',
    review: 'Vérification',
    pay: 'Paiement',
  },
  titles: {
    plan: [
      'Choisissez votre formule',
      'La mise en place, s’il y en a une, se paie une fois ; la formule chaque mois ou année. Vous pourrez en changer.',
    ],
    organisation: ['Votre organisation', 'Ces données figureront au contrat et sur les factures.'],
    project: ['Votre projet', 'Les documents et les dossiers sont créés pour ce projet.'],
    stakeholders: [
      'Qui participe ?',
      'Chaque personne reçoit son accès par e-mail. L’ISO 19650 demande au moins un responsable de l’information.',
    ],
    review: ['Vérifiez votre commande', 'Rien n’est débité avant la page suivante.'],
    pay: ['Paiement', 'Les données de carte vont directement à Stripe et n’atteignent jamais nos serveurs.'],
  },
  labels: {
    interval: 'Facturation',
    month: 'Mensuelle',
    year: 'Annuelle',
    quantity: 'Nombre d’utilisateurs',
    name: 'Nom',
    country: 'Pays',
    vat_id: 'Numéro de TVA',
    contact_name: 'Personne de contact',
    contact_email: 'E-mail de la personne de contact',
    project_name: 'Nom du projet',
    code: 'Code du projet',
    client: 'Client',
    description: 'Description',
    email: 'E-mail',
    role: 'Rôle',
    plan: 'Formule',
    contact: 'Contact',
  },
  hints: {
    vat_id: 'Par exemple FR12345678901. Laissez vide si vous n’en avez pas.',
    contact_email: 'Les factures et la clé de stockage vont à cette adresse.',
    code: 'Court, p. ex. PONT-01 : il commence chaque nom de fichier.',
    client: 'Pour qui le projet est réalisé, si ce n’est pas vous.',
    quantity: 'Vide : autant que de personnes dans le projet.',
  },
  roles: {
    appointing_party: 'Partie désignante',
    lead_appointed_party: 'Partie désignée principale',
    appointed_party: 'Partie désignée',
    information_manager: 'Responsable de l’information',
  },
  words: {
    next: 'Continuer',
    back: 'Retour',
    optional: 'facultatif',
    choose: 'Veuillez choisir',
    add: 'Ajouter une personne',
    remove: 'Retirer',
    person: 'Personne',
    change: 'Modifier',
    toPay: 'Passer au paiement',
    setup: 'de mise en place, une fois',
    noSetup: 'sans frais de mise en place',
    setupOnce: 'Mise en place, une fois',
    recurring: 'Récurrent',
    perUser: 'par utilisateur',
    users: 'utilisateurs',
    today: 'À payer aujourd’hui',
    todayTrial: 'À payer aujourd’hui (le prix récurrent commence après un essai de {days} jours)',
    tax: 'Prix hors TVA.',
    metered: 'à l’usage',
    per: 'par',
    talk: 'Contactez-nous',
    custom: 'Prix selon votre cas',
    problems: 'Veuillez corriger ce qui suit',
    loading: 'Chargement du formulaire de paiement de Stripe…',
    failed: 'Le formulaire de paiement n’a pas pu être chargé ici. Utilisez le bouton ci-dessous.',
    hosted: 'Payer sur la page de Stripe',
    trouble: 'Un problème avec le formulaire, ou pas de JavaScript ?',
    yourOrder: 'Votre commande',
  },
};

export const WIZARD_TEXTS: Readonly<Record<Language, WizardTexts>> = { en, fr };
