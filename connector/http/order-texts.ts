/** The order page's words. */
import type { TimelineStep } from '../provisioning/timeline.ts';
import type { Language } from './field-texts.ts';

export type OrderState =
  | 'unpaid'
  | 'on_its_way'
  | 'payment_failed'
  | 'confirming'
  | 'working'
  | 'attention'
  | 'done'
  | 'ended';

interface OrderTexts {
  readonly title: string;
  readonly progress: string;
  readonly goOn: string;
  readonly keep: string;
  readonly states: Readonly<Record<OrderState, { readonly label: string; readonly message: string }>>;
}

export const ORDER_TEXTS: Readonly<Record<Language, OrderTexts>> = {
  en: {
    title: 'Your order',
    progress: 'Progress',
    goOn: 'Go on to payment',
    keep: 'You may close this page: everything goes on without it, and you will get an e-mail when it is done. The link to this page keeps working.',
    states: {
      unpaid: { label: 'Not paid yet', message: 'We have not received a payment for this order so far.' },
      on_its_way: {
        label: 'Payment on its way',
        message:
          'Thank you. Your bank transfers the money, which may take several days. We begin as soon as it has arrived.',
      },
      payment_failed: {
        label: 'Payment failed',
        message:
          'Your bank did not carry out the payment. Nothing is lost: you can pay again, another way too.',
      },
      confirming: {
        label: 'Payment received',
        message: 'Thank you. We are waiting for the confirmation; this usually takes a few seconds.',
      },
      working: {
        label: 'Being set up',
        message: 'Thank you, your payment has arrived. Your environment is being set up now.',
      },
      attention: {
        label: 'Being looked at',
        message:
          'Your payment has arrived. One step needs a person: our team has been told and will finish it. You need not do anything.',
      },
      done: {
        label: 'Ready',
        message: 'Everything is set up. The way in is in the e-mail we have sent you.',
      },
      ended: {
        label: 'Ended',
        message: 'This order is no longer being set up. Please contact us if that is a surprise.',
      },
    },
  },
  fr: {
    title: 'Votre commande',
    progress: 'Avancement',
    goOn: 'Continuer vers le paiement',
    keep: 'Vous pouvez fermer cette page : tout continue sans elle et vous recevrez un e-mail à la fin. Le lien de cette page reste valable.',
    states: {
      unpaid: {
        label: 'Pas encore payée',
        message: 'Nous n’avons pas encore reçu de paiement pour cette commande.',
      },
      on_its_way: {
        label: 'Paiement en route',
        message:
          'Merci. Votre banque transfère l’argent, ce qui peut prendre plusieurs jours. Nous commençons dès son arrivée.',
      },
      payment_failed: {
        label: 'Paiement refusé',
        message:
          'Votre banque n’a pas exécuté le paiement. Rien n’est perdu : vous pouvez payer de nouveau, aussi autrement.',
      },
      confirming: {
        label: 'Paiement reçu',
        message: 'Merci. Nous attendons la confirmation ; cela prend en général quelques secondes.',
      },
      working: {
        label: 'En préparation',
        message: 'Merci, votre paiement est arrivé. Votre environnement est en préparation.',
      },
      attention: {
        label: 'En cours d’examen',
        message:
          'Votre paiement est arrivé. Une étape demande une personne : notre équipe est prévenue et la terminera. Vous n’avez rien à faire.',
      },
      done: {
        label: 'Prêt',
        message: 'Tout est prêt. L’accès se trouve dans l’e-mail que nous vous avons envoyé.',
      },
      ended: {
        label: 'Terminée',
        message: 'Cette commande n’est plus en préparation. Contactez-nous si cela vous surprend.',
      },
    },
  },
};

export const STATUS_TEXTS: Readonly<Record<Language, Readonly<Record<TimelineStep['status'], string>>>> = {
  en: {
    pending: 'to come',
    running: 'under way',
    waiting: 'waiting',
    failed: 'being looked at',
    done: 'done',
  },
  fr: {
    pending: 'à venir',
    running: 'en cours',
    waiting: 'en attente',
    failed: 'en cours d’examen',
    done: 'terminé',
  },
};
