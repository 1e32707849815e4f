/** The company's catalogue, read from its file. */
import { readMapping } from '../mapping-file.ts';
import type { AddOn, Catalogue, ChangePolicy, CurrencyPrices, Plan } from './catalogue.ts';
import { currencyProblems } from './currency-problems.ts';

const SCHEMA_FILE = new URL('../../mappings/plans.schema.json', import.meta.url);

/** @throws ConnectorError permanent `mapping_invalid`, naming the file and every problem with its path */
export function loadCatalogue(file: string | URL): Catalogue {
  const raw = readMapping<RawCatalogue>({
    file,
    schemaFile: SCHEMA_FILE,
    check: (found) => crossChecks(withDefaults(found)),
  });
  return withDefaults(raw);
}

/** The add-on with this key; undefined: not ours. */
export function findAddOn(catalogue: Catalogue, key: string): AddOn | undefined {
  return catalogue.addOns.find((addOn) => addOn.key === key);
}

/** The plan with this key; undefined: not ours. */
export function findPlan(catalogue: Catalogue, key: string): Plan | undefined {
  return catalogue.plans.find((plan) => plan.key === key);
}

// What costs more comes at once; what costs less waits for the end of what is paid.
const POLICY: ChangePolicy = {
  upgrade: 'now',
  downgrade: 'period_end',
  longer: 'now',
  shorter: 'period_end',
  more: 'now',
  fewer: 'period_end',
  setup: 'none',
  returnSetup: 'none',
};

type RawPlan = Omit<Plan, 'metered' | 'custom' | 'usage' | 'featureKeys' | 'currencies'> &
  Partial<Pick<Plan, 'metered' | 'custom' | 'usage' | 'featureKeys'>> & {
    readonly currencies?: Readonly<Record<string, Partial<CurrencyPrices>>>;
  };
type RawAddOn = Pick<AddOn, 'key' | 'name' | 'description' | 'prices'> &
  Partial<Omit<AddOn, 'currencies'>> & {
    readonly currencies?: Readonly<Record<string, Partial<AddOn['currencies'][string]>>>;
  };
type RawCatalogue = Omit<
  Catalogue,
  'plans' | 'addOns' | 'automaticTax' | 'promotionCodes' | 'contactUrl' | 'changes' | 'lookupSuffix'
> & {
  readonly plans: readonly RawPlan[];
  readonly addOns?: readonly RawAddOn[];
  readonly contactUrl?: string;
  readonly automaticTax?: boolean;
  readonly promotionCodes?: boolean;
  readonly changes?: Partial<ChangePolicy>;
};

function withDefaults(raw: RawCatalogue): Catalogue {
  return {
    name: raw.name,
    currency: raw.currency,
    lookupSuffix: '',
    contactUrl: raw.contactUrl ?? null,
    automaticTax: raw.automaticTax ?? false,
    promotionCodes: raw.promotionCodes ?? false,
    plans: raw.plans.map((plan) => ({
      ...plan,
      custom: plan.custom ?? false,
      usage: plan.usage ?? 'flat',
      metered: plan.metered ?? [],
      featureKeys: plan.featureKeys ?? [],
      currencies: mapValues(plan.currencies, ({ setupAmount = 0, prices = {}, metered = {} }) => ({
        setupAmount,
        prices,
        metered,
      })),
    })),
    addOns: (raw.addOns ?? []).map((addOn) => ({
      ...addOn,
      oneTimeAmount: addOn.oneTimeAmount ?? null,
      plans: addOn.plans ?? null,
      repeatable: addOn.repeatable ?? false,
      featureKeys: addOn.featureKeys ?? [],
      currencies: mapValues(addOn.currencies, ({ prices = {}, oneTimeAmount = null }) => ({
        prices,
        oneTimeAmount,
      })),
      domain: addOn.domain ?? null,
    })),
    changes: { ...POLICY, ...raw.changes },
  };
}

const mapValues = <From, To>(
  record: Readonly<Record<string, From>> | undefined,
  to: (value: From) => To,
): Record<string, To> =>
  Object.fromEntries(Object.entries(record ?? {}).map(([key, value]) => [key, to(value)]));

/** What a JSON Schema cannot say: uniqueness over records, and that a custom plan says where to ask. */
function crossChecks(catalogue: Catalogue): string[] {
  const problems: string[] = [];
  const seen = new Map<string, string>();
  const claim = (key: string, path: string) => {
    const earlier = seen.get(key);
    if (earlier !== undefined) problems.push(`${path}: key "${key}" is already used by ${earlier}`);
    else seen.set(key, path);
  };
  catalogue.plans.forEach((plan, index) => {
    claim(plan.key, `/plans/${index}/key`);
    if (plan.custom && catalogue.contactUrl === null)
      problems.push(`/plans/${index}: a custom plan needs /contactUrl, where customers ask for its price`);
  });
  catalogue.addOns.forEach((addOn, index) => {
    claim(addOn.key, `/addOns/${index}/key`);
    if (Object.keys(addOn.prices).length === 0 && addOn.oneTimeAmount === null)
      problems.push(`/addOns/${index}: neither a price per interval nor a oneTimeAmount`);
    if (addOn.featureKeys.length > 0 && addOn.oneTimeAmount !== null)
      problems.push(`/addOns/${index}/featureKeys: what is sold once grants no feature; give it prices only`);
    for (const key of addOn.plans ?? [])
      if (!catalogue.plans.some((plan) => plan.key === key))
        problems.push(`/addOns/${index}/plans: there is no plan "${key}"`);
  });
  const meters = new Map<string, string>();
  for (const { key, eventName } of catalogue.plans.flatMap((plan) => plan.metered)) {
    const other = meters.get(key) ?? eventName;
    if (other !== eventName) problems.push(`meter "${key}" has two event names: ${other} and ${eventName}`);
    meters.set(key, other);
  }
  return [...problems, ...currencyProblems(catalogue)];
}
