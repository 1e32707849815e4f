/** What a step of a run is called on the order page; the plan's own titles are English. */
import type { TimelineStep } from '../provisioning/timeline.ts';
import type { Language } from './field-texts.ts';

const FRENCH: Readonly<Record<string, string>> = {
  received_mail: 'Paiement confirmé par e-mail',
  partner: 'Organisation enregistrée',
  opportunity: 'Commande enregistrée',
  workspace: 'Espace documentaire créé',
  users: 'Comptes créés',
  bucket: 'Stockage créé',
  storage_key: 'Clé de stockage émise',
  keys_checked: 'Clé de stockage vérifiée',
  bep: 'Plan d’exécution BIM rédigé',
  eir: 'Exigences d’échange d’information rédigées',
  documents_in_workspace: 'Documents classés dans l’espace documentaire',
  documents_in_storage: 'Documents classés dans le stockage',
  subscription_record: 'Abonnement enregistré',
  subscription_links: 'Espace documentaire et stockage reliés',
  welcome_mail: 'E-mail de bienvenue envoyé',
  documents_mail: 'Documents envoyés',
  stakeholder_mails: 'Équipe invitée',
  note: 'Notre équipe est informée',
  tidy: 'Données de passage effacées',
  restored_mail: 'Accès rétabli',
  limits: 'Les limites suivent la formule',
  limits_shown: 'Notre équipe connaît les limites',
};

export const stepTitle = ({ name, title }: TimelineStep, language: Language): string =>
  language === 'fr' ? (FRENCH[name] ?? title) : title;
