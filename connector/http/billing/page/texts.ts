/** The billing page's words. */
import type { Language } from '../../field-texts.ts';

interface BillingTexts {
  readonly title: string;
  readonly logout: string;
  readonly none: string;
  readonly buy: string;
  readonly project: string;
  readonly plan: string;
  readonly amount: string;
  readonly unknownPlan: string;
  readonly status: string;
  /** By the provider's word; others are shown as they are. */
  readonly statuses: Readonly<Record<string, string>>;
  readonly next: {
    readonly label: string;
    readonly renews: (date: string, amount: string) => string;
    readonly trial: (date: string, amount: string) => string;
    readonly ends: (date: string) => string;
    readonly ended: (date: string) => string;
    readonly change: string;
    /** @param interval null: none that is sold here */
    readonly changes: (date: string, plan: string, interval: string | null) => string;
    /** Drops the change. */
    readonly keep: string;
    readonly paused: string;
  };
  readonly pay: string;
  readonly change: {
    readonly title: string;
    readonly choose: string;
    readonly interval: string;
    readonly intervals: Readonly<Record<'month' | 'year', string>>;
    readonly users: string;
    readonly perUser: string;
    readonly look: string;
    readonly previewTitle: string;
    readonly previewLead: (plan: string) => string;
    readonly now: string;
    readonly later: (date: string) => string;
    readonly over: string;
    readonly limits: Readonly<Record<'projects' | 'users' | 'storageGb', string>>;
    readonly after: string;
    readonly discount: string;
    readonly confirm: string;
    readonly confirmLater: string;
    readonly back: string;
    readonly tax: string;
    readonly total: string;
  };
  readonly payment: {
    readonly title: string;
    readonly none: string;
    readonly card: (brand: string, last4: string, expires: string) => string;
    readonly change: string;
    readonly details: string;
  };
  readonly discount: {
    readonly label: string;
    readonly title: string;
    readonly code: string;
    readonly apply: string;
    readonly remove: string;
    readonly off: (what: string) => string;
    readonly once: string;
    readonly until: (date: string) => string;
  };
  readonly invoices: {
    readonly title: string;
    readonly none: string;
    readonly number: string;
    readonly date: string;
    readonly amount: string;
    readonly status: string;
    readonly pdf: string;
    readonly open: string;
    readonly older: string;
    readonly statuses: Readonly<Record<string, string>>;
  };
  readonly addOns: {
    readonly title: string;
    readonly domain: string;
    readonly domainHint: string;
    readonly buy: string;
    readonly remove: string;
    readonly once: string;
    readonly nextInvoice: string;
    readonly previewTitle: string;
    readonly previewLead: (name: string) => string;
    readonly later: string;
    readonly confirm: string;
    readonly confirmLater: string;
  };
  readonly cancel: {
    readonly title: string;
    readonly text: (date: string) => string;
    readonly reason: string;
    readonly comment: string;
    readonly button: string;
    readonly reasons: Readonly<Record<string, string>>;
  };
  readonly reactivate: string;
  readonly resume: { readonly text: string; readonly collecting: string; readonly button: string };
  readonly comeBack: {
    readonly title: string;
    readonly text: string;
    readonly look: string;
    readonly lead: string;
    readonly setUp: string;
    readonly taxes: string;
    readonly confirm: string;
  };
  /** What has happened, or why it has not, by the code in the address. */
  readonly notes: Readonly<Record<string, string>>;
}

const inBrackets = (interval: string | null): string =>
  interval === null ? '' : ` (${interval.toLowerCase()})`;

export const BILLING_TEXTS: Readonly<Record<Language, BillingTexts>> = {
  en: {
    title: 'Your billing',
    logout: 'Log out',
    none: 'There is no subscription yet.',
    buy: 'Choose a plan',
    project: 'Project',
    plan: 'Plan',
    amount: 'Price',
    unknownPlan: 'Individual agreement',
    status: 'Status',
    statuses: {
      active: 'Active',
      trialing: 'Trial',
      past_due: 'Payment overdue',
      unpaid: 'Not paid',
      incomplete: 'First payment missing',
      incomplete_expired: 'Never paid',
      paused: 'Paused',
      canceled: 'Ended',
    },
    next: {
      label: 'Renewal',
      renews: (date, amount) => `Renews on ${date} for ${amount}`,
      trial: (date, amount) => `Free trial until ${date}, then ${amount}`,
      ends: (date) => `Ends on ${date}; nothing more is charged`,
      ended: (date) => `Ended on ${date}`,
      change: 'Planned',
      changes: (date, plan, interval) => `Changes to ${plan}${inBrackets(interval)} on ${date}`,
      keep: 'Keep the present plan',
      paused: 'No payments are collected for now',
    },
    pay: 'Pay now',
    change: {
      title: 'Change plan',
      choose: 'New plan',
      interval: 'Billed',
      intervals: { month: 'Monthly', year: 'Yearly' },
      users: 'Users (plans priced per user)',
      perUser: 'per user',
      look: 'Preview the change',
      previewTitle: 'Review the change',
      previewLead: (plan) => `Nothing has changed yet. This is what changing to ${plan} means:`,
      now: 'Due now',
      later: (date) => `Nothing is due now. The change comes on ${date}.`,
      over: 'Over the limits of the new plan (nothing is deleted):',
      limits: { projects: 'Projects', users: 'Users', storageGb: 'Storage, GB' },
      after: 'From then on',
      discount: 'Discount',
      confirm: 'Change and pay this amount',
      confirmLater: 'Arrange the change',
      back: 'Back without changing',
      tax: 'Tax',
      total: 'Total',
    },
    payment: {
      title: 'Payment method',
      none: 'No payment method is stored.',
      card: (brand, last4, expires) => `${brand} ending in ${last4}, expires ${expires}`,
      change: 'Change payment method',
      details: 'Billing address and tax ID',
    },
    discount: {
      label: 'Discount',
      title: 'Add a promotion code',
      code: 'Promotion code',
      apply: 'Apply',
      remove: 'Remove the discount',
      off: (what) => `${what} off`,
      once: 'on one invoice',
      until: (date) => `until ${date}`,
    },
    invoices: {
      title: 'Invoices',
      none: 'There is no invoice yet.',
      number: 'Number',
      date: 'Date',
      amount: 'Amount',
      status: 'Status',
      pdf: 'PDF',
      open: 'Pay',
      older: 'Older invoices',
      statuses: { paid: 'Paid', open: 'Open', void: 'Voided', uncollectible: 'Given up' },
    },
    addOns: {
      title: 'Add-ons',
      domain: 'Domain name',
      domainHint: 'It must be registered, and its name servers must be set.',
      buy: 'Add',
      remove: 'Remove',
      once: 'once',
      nextInvoice: 'on the next invoice',
      previewTitle: 'Review the add-on',
      previewLead: (name) => `Nothing is bought yet. This is what ${name} costs:`,
      later: 'It stands on your next invoice; nothing is charged today.',
      confirm: 'Buy and pay this amount',
      confirmLater: 'Put it on the next invoice',
    },
    cancel: {
      title: 'Cancel the subscription',
      text: (date) => `Everything keeps working until ${date}. You can take it back until then.`,
      reason: 'Why do you leave?',
      comment: 'What could we do better?',
      button: 'Cancel at the end of the period',
      reasons: {
        customer_service: 'Service',
        low_quality: 'Quality',
        missing_features: 'Something is missing',
        switched_service: 'We use another service',
        too_complex: 'Too complicated',
        too_expensive: 'Too expensive',
        unused: 'We do not use it',
        other: 'Something else',
      },
    },
    reactivate: 'Keep the subscription',
    resume: {
      text: 'It is paused: nothing is billed. Resuming begins a new period today, charged to your payment method.',
      collecting: 'No payments are collected for now.',
      button: 'Resume the subscription',
    },
    comeBack: {
      title: 'Come back',
      text: 'With a new subscription for this project everything that is kept of it is restored.',
      look: 'See what it costs',
      lead: 'Nothing is bought yet. This is what coming back costs:',
      setUp: 'Set-up, once',
      taxes: 'Before taxes and credits. It is charged to your stored payment method.',
      confirm: 'Come back and pay',
    },
    notes: {
      cancelled: 'The subscription is cancelled: it ends when the paid period does.',
      reactivated: 'The subscription goes on.',
      changed: 'The plan is changed.',
      change_scheduled: 'The change is arranged for the end of the period.',
      addon_bought: 'The add-on is yours.',
      addon_removed: 'The add-on is removed.',
      no_active_subscription: 'This subscription has ended.',
      subscription_not_cancelled: 'The subscription was not cancelled.',
      preview_out_of_date: 'Something has changed meanwhile. Please look at the costs again.',
      payment_refused: 'Your payment method was refused. Nothing has changed; please store another one.',
      resumed: 'The subscription goes on.',
      returned: 'Welcome back: everything is being restored, and you will get a mail.',
      no_payment_method: 'No payment method is stored. Please add one first.',
      resume_waits: 'The payment failed: the subscription stays paused until the open invoice is paid.',
      change_revoked: 'The present plan stays.',
      nothing_scheduled: 'No change was planned.',
      code_redeemed: 'The discount counts from the next invoice on.',
      discount_removed: 'The discount is removed.',
      promotion_code_invalid: 'This promotion code cannot be used.',
      subscription_not_changeable:
        'This cannot be changed just now: an open payment or a planned change comes first.',
      no_price_for_tier: 'This plan is not sold by that interval.',
      addon_without_price: 'An add-on is not sold by that interval: remove it first.',
      addon_not_found: 'This add-on is no longer there.',
      nothing_to_change: 'This is the plan you have.',
      addon_not_compatible: 'An add-on does not go with this plan.',
      addon_owned: 'You have this add-on already.',
      domain_required: 'Please give the domain name.',
      domain_not_registered: 'This domain is not registered.',
      domain_not_delegated: 'The name servers of this domain are not set as they must be.',
      later:
        'We cannot reach our payment provider just now. Nothing has changed; please try again in a moment.',
      invalid_request: 'Please check what you typed.',
      refused: 'This could not be done. Nothing has changed.',
    },
  },
  fr: {
    title: 'Votre facturation',
    logout: 'Se déconnecter',
    none: 'Vous n’avez pas encore d’abonnement.',
    buy: 'Choisir une formule',
    project: 'Projet',
    plan: 'Formule',
    amount: 'Prix',
    unknownPlan: 'Accord individuel',
    status: 'État',
    statuses: {
      active: 'Actif',
      trialing: 'Essai',
      past_due: 'Paiement en retard',
      unpaid: 'Impayé',
      incomplete: 'Premier paiement manquant',
      incomplete_expired: 'Jamais payé',
      paused: 'En pause',
      canceled: 'Terminé',
    },
    next: {
      label: 'Renouvellement',
      renews: (date, amount) => `Le ${date} : ${amount}`,
      trial: (date, amount) => `Essai gratuit jusqu’au ${date}, puis ${amount}`,
      ends: (date) => `Prend fin le ${date} ; rien d’autre n’est débité`,
      ended: (date) => `Terminé le ${date}`,
      change: 'Prévu',
      changes: (date, plan, interval) => `Passe à ${plan}${inBrackets(interval)} le ${date}`,
      keep: 'Garder la formule actuelle',
      paused: 'Aucun paiement n’est prélevé pour l’instant',
    },
    pay: 'Payer maintenant',
    change: {
      title: 'Changer de formule',
      choose: 'Nouvelle formule',
      interval: 'Facturation',
      intervals: { month: 'Mensuelle', year: 'Annuelle' },
      users: 'Utilisateurs (formules par utilisateur)',
      perUser: 'par utilisateur',
      look: 'Voir ce que cela coûte',
      previewTitle: 'Ce que coûte le changement',
      previewLead: (plan) => `Rien n’a encore changé. Voici ce que signifie le passage à ${plan} :`,
      now: 'À payer maintenant',
      later: (date) => `Rien n’est à payer maintenant. Le changement a lieu le ${date}.`,
      over: 'Au-delà des limites de la nouvelle formule (rien n’est supprimé) :',
      limits: { projects: 'Projets', users: 'Utilisateurs', storageGb: 'Stockage, Go' },
      after: 'Ensuite',
      discount: 'Remise',
      confirm: 'Changer et payer ce montant',
      confirmLater: 'Prévoir le changement',
      back: 'Revenir sans changer',
      tax: 'Taxes',
      total: 'Total',
    },
    payment: {
      title: 'Moyen de paiement',
      none: 'Aucun moyen de paiement n’est enregistré.',
      card: (brand, last4, expires) => `${brand} se terminant par ${last4}, valable jusqu’au ${expires}`,
      change: 'Changer de moyen de paiement',
      details: 'Adresse de facturation et numéro fiscal',
    },
    discount: {
      label: 'Remise',
      title: 'Ajouter un code promotionnel',
      code: 'Code promotionnel',
      apply: 'Appliquer',
      remove: 'Retirer la remise',
      off: (what) => `${what} de remise`,
      once: 'sur une facture',
      until: (date) => `jusqu’au ${date}`,
    },
    invoices: {
      title: 'Factures',
      none: 'Il n’y a pas encore de facture.',
      number: 'Numéro',
      date: 'Date',
      amount: 'Montant',
      status: 'État',
      pdf: 'PDF',
      open: 'Payer',
      older: 'Factures plus anciennes',
      statuses: { paid: 'Payée', open: 'Ouverte', void: 'Annulée', uncollectible: 'Abandonnée' },
    },
    addOns: {
      title: 'Options',
      domain: 'Nom de domaine',
      domainHint: 'Il doit être enregistré et avoir ses serveurs de noms.',
      buy: 'Ajouter',
      remove: 'Retirer',
      once: 'une fois',
      nextInvoice: 'sur la prochaine facture',
      previewTitle: 'Vérifier l’option',
      previewLead: (name) => `Rien n’est encore acheté. Voici ce que coûte ${name} :`,
      later: 'Elle figurera sur votre prochaine facture ; rien n’est débité aujourd’hui.',
      confirm: 'Acheter et payer ce montant',
      confirmLater: 'Porter sur la prochaine facture',
    },
    cancel: {
      title: 'Résilier l’abonnement',
      text: (date) =>
        `Tout continue de fonctionner jusqu’au ${date}. Vous pouvez revenir sur ce choix d’ici là.`,
      reason: 'Pourquoi partez-vous ?',
      comment: 'Que pourrions-nous mieux faire ?',
      button: 'Résilier à la fin de la période',
      reasons: {
        customer_service: 'Service',
        low_quality: 'Qualité',
        missing_features: 'Il manque quelque chose',
        switched_service: 'Nous utilisons un autre service',
        too_complex: 'Trop compliqué',
        too_expensive: 'Trop cher',
        unused: 'Nous ne l’utilisons pas',
        other: 'Autre chose',
      },
    },
    reactivate: 'Garder l’abonnement',
    resume: {
      text: 'Il est en pause : rien n’est facturé. La reprise ouvre aujourd’hui une nouvelle période, débitée de votre moyen de paiement.',
      collecting: 'Aucun paiement n’est prélevé pour l’instant.',
      button: 'Reprendre l’abonnement',
    },
    comeBack: {
      title: 'Revenir',
      text: 'Avec un nouvel abonnement pour ce projet, tout ce qui en est conservé est rétabli.',
      look: 'Voir ce que cela coûte',
      lead: 'Rien n’est encore acheté. Voici ce que coûte le retour :',
      setUp: 'Mise en place, une fois',
      taxes: 'Hors taxes et avoirs. Le montant est débité de votre moyen de paiement enregistré.',
      confirm: 'Revenir et payer',
    },
    notes: {
      cancelled: 'L’abonnement est résilié : il prend fin avec la période payée.',
      reactivated: 'L’abonnement continue.',
      changed: 'La formule est changée.',
      change_scheduled: 'Le changement est prévu pour la fin de la période.',
      addon_bought: 'L’option est à vous.',
      addon_removed: 'L’option est retirée.',
      no_active_subscription: 'Cet abonnement est terminé.',
      subscription_not_cancelled: 'L’abonnement n’était pas résilié.',
      preview_out_of_date: 'Quelque chose a changé entre-temps. Regardez à nouveau les coûts.',
      payment_refused:
        'Votre moyen de paiement a été refusé. Rien n’a changé ; veuillez en enregistrer un autre.',
      resumed: 'L’abonnement continue.',
      returned: 'Bon retour : tout est en cours de rétablissement, vous recevrez un e-mail.',
      no_payment_method: 'Aucun moyen de paiement n’est enregistré. Veuillez d’abord en ajouter un.',
      resume_waits: 'Le paiement a échoué : l’abonnement reste en pause jusqu’au paiement de la facture.',
      change_revoked: 'La formule actuelle reste.',
      nothing_scheduled: 'Aucun changement n’était prévu.',
      code_redeemed: 'La remise compte dès la prochaine facture.',
      discount_removed: 'La remise est retirée.',
      promotion_code_invalid: 'Ce code promotionnel n’est pas utilisable.',
      subscription_not_changeable:
        'Changement impossible pour l’instant : un paiement ou un changement prévu passe d’abord.',
      no_price_for_tier: 'Cette formule n’est pas vendue à ce rythme.',
      addon_without_price: 'Une option n’est pas vendue à ce rythme : retirez-la d’abord.',
      addon_not_found: 'Cette option n’existe plus.',
      nothing_to_change: 'C’est la formule que vous avez.',
      addon_not_compatible: 'Une option ne va pas avec cette formule.',
      addon_owned: 'Vous avez déjà cette option.',
      domain_required: 'Veuillez indiquer le nom de domaine.',
      domain_not_registered: 'Ce domaine n’est pas enregistré.',
      domain_not_delegated: 'Les serveurs de noms de ce domaine ne sont pas réglés comme il faut.',
      later:
        'Notre prestataire de paiement ne répond pas. Rien n’a changé ; veuillez réessayer dans un instant.',
      invalid_request: 'Veuillez vérifier votre saisie.',
      refused: 'Cela n’a pas pu être fait. Rien n’a changé.',
    },
  },
};
