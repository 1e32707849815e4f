/** The rule of facts, by raw deliveries: what Stripe's objects allow and ask for, each once; a copy more only at a kill. */
import type { World } from '../../../scripts/sandbox/world.ts';
import type { Customer, Place } from './customer.ts';
import {
  daysUnpaid,
  type Facts,
  hasFailed,
  type Invoice,
  isAlive,
  LAST_WARNING,
  SECOND_MAIL,
  type Standing,
  SUSPENDED,
  subscriptionOf,
} from './expected.ts';

type Mail = Awaited<ReturnType<World['systems']['mail']['deliveries']>>[number];

/** As the templates' subjects begin or end. */
const SUBJECTS = {
  received: (project: string) => `Payment received: ${project} is being set up`,
  welcome: (project: string) => `Your access to ${project} is ready`,
  documents: (project: string) => `Documents for ${project}`,
  access: (project: string) => `You have been given access to ${project}`,
  failed: (project: string) => `Payment failed: ${project}`,
  warning: (project: string) => `Last reminder before access to ${project} is suspended`,
  suspended: (project: string) => `Access to ${project} is suspended`,
  recovered: (project: string) => `Payment received: ${project}`,
  restored: (project: string) => `${project}: your access is restored`,
  readOnly: (project: string) => `${project}: your access is now read-only`,
  ends: (project: string) => `${project}: access has ended`,
} as const;

export type MailKind = keyof typeof SUBJECTS;

/** A process dies between the server's taking a mail and its being recorded: within this of a kill. */
const WINDOW_MS = 5_000;

export async function readMails(
  world: World,
  kills: readonly Date[],
): Promise<(facts: Facts, customer: Customer, standings: readonly Standing[]) => readonly string[]> {
  const deliveries = await world.systems.mail.deliveries();

  return (facts, customer, standings) => {
    const addresses = [customer.contact, ...customer.places.flatMap(({ logins }) => logins)];
    const mine = deliveries.filter(({ to }) => to.some((address) => addresses.includes(address)));
    const once = [...new Map(mine.map((mail) => [mail.messageId, mail])).values()];
    const known = new Set(
      customer.places.flatMap(({ project }) => Object.values(SUBJECTS).map((subject) => subject(project))),
    );
    return [
      ...copiesWrong(mine, kills),
      ...once
        .filter(({ subject }) => !known.has(subject))
        .map(({ subject }) => `mail "${subject}" of no fact`),
      ...standings.flatMap((each) => [
        ...placeWrong(facts, each, once),
        ...each.place.logins.flatMap((login) => loginWrong(each, login, once)),
        ...moneyWrong(facts, each, once),
      ]),
    ];
  };
}

/** How many facts were told by mail, by kind: a rule about what never happens would be kept by anybody. */
export async function toldByMail(
  world: World,
  customers: readonly Customer[],
): Promise<Readonly<Partial<Record<MailKind, number>>>> {
  const deliveries = await world.systems.mail.deliveries();
  const places = customers.flatMap((customer) => customer.places);
  const kinds = new Map(
    places.flatMap(({ project }) =>
      (Object.keys(SUBJECTS) as MailKind[]).map((kind) => [SUBJECTS[kind](project), kind]),
    ),
  );
  const told: Partial<Record<MailKind, number>> = {};
  for (const { subject } of new Map(deliveries.map((mail) => [mail.messageId, mail])).values()) {
    const kind = kinds.get(subject);
    if (kind !== undefined) told[kind] = (told[kind] ?? 0) + 1;
  }
  return told;
}

function copiesWrong(mails: readonly Mail[], kills: readonly Date[]): string[] {
  const copies = Map.groupBy(mails, ({ messageId }) => messageId);
  return [...copies.values()].flatMap((same) => {
    const late = same
      .slice(0, -1)
      .filter(({ at }) => !kills.some((kill) => Math.abs(kill.getTime() - at.getTime()) < WINDOW_MS));
    return late.length === 0 ? [] : [`mail "${same[0]!.subject}" came ${same.length} times`];
  });
}

function of(mails: readonly Mail[], kind: MailKind, { project }: Place): readonly Mail[] {
  return mails.filter(({ subject }) => subject === SUBJECTS[kind](project));
}

function between(what: string, count: number, [least, most]: readonly [number, number]): string[] {
  return count >= least && count <= most ? [] : [`${count} mails ${what}, expected ${least} to ${most}`];
}

function placeWrong(facts: Facts, standing: Standing, mails: readonly Mail[]): string[] {
  const { place, subscriptions, alive, unnoticed, mayRead } = standing;
  const least = unnoticed ? 0 : 1;
  const count = (kind: MailKind): number => of(mails, kind, place).length;
  const returns = subscriptions.length - 1;
  const suspensions = facts.invoices.filter(
    (each) => belongs(standing, each) && daysUnpaid(facts, each) > SUSPENDED - 0.1,
  ).length;
  const ended = subscriptions.filter(({ status }) => status === 'canceled').length;
  const named = (kind: MailKind) => `${kind} of ${place.project}`;
  const returned = alive.some(({ id }) => id !== place.subscriptions[0]);
  return [
    ...between(named('received'), count('received'), [least, 1]),
    ...between(named('welcome'), count('welcome'), [least, 1]),
    ...between(named('documents'), count('documents'), [0, 1]),
    ...between(named('restored'), count('restored'), [returned ? 1 : 0, returns + suspensions]),
    ...between(named('readOnly'), count('readOnly'), [alive.length === 0 ? least : 0, ended]),
    ...between(named('ends'), count('ends'), [
      mayRead === false ? least : 0,
      mayRead === true && returns === 0 ? 0 : ended,
    ]),
  ];
}

function loginWrong({ place, alive }: Standing, login: string, mails: readonly Mail[]): string[] {
  const count = of(mails, 'access', place).filter(({ to }) => to.includes(login)).length;
  return between(`access of ${login}`, count, [alive.length > 0 ? 1 : 0, 1]);
}

const belongs = ({ place }: Standing, invoice: Invoice): boolean =>
  hasFailed(invoice) && place.subscriptions.includes(String(subscriptionOf(invoice)));

function moneyWrong(facts: Facts, standing: Standing, mails: readonly Mail[]): string[] {
  return facts.invoices
    .filter((invoice) => belongs(standing, invoice))
    .flatMap((invoice) => {
      const { number, status } = invoice;
      const days = daysUnpaid(facts, invoice);
      const about = (kind: MailKind): number =>
        of(mails, kind, standing.place).filter(({ text }) => text.includes(`invoice ${number})`)).length;
      const told = about('failed') + about('warning') + about('suspended');
      const owner = standing.subscriptions.find(({ id }) => id === subscriptionOf(invoice))!;
      const most = (day: number): number => (days > day - 0.1 ? 1 : 0);
      const paid = status === 'paid';
      const stillOwed = status === 'open' && isAlive(owner);
      return [
        ...between(`failed of ${number}`, about('failed'), [0, 1 + most(SECOND_MAIL)]),
        ...between(`warning of ${number}`, about('warning'), [0, most(LAST_WARNING)]),
        ...between(`suspended of ${number}`, about('suspended'), [0, most(SUSPENDED)]),
        ...between(`trouble of ${number}`, told, [stillOwed ? 1 : 0, 4]),
        ...between(`recovered of ${number}`, about('recovered'), [
          paid && told > 0 && isAlive(owner) ? 1 : 0,
          paid ? Math.min(told, 1) : 0,
        ]),
      ];
    });
}
