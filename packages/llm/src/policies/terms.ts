import type { Caller } from '@planyard/contracts';
import { type AccountSet, accountSet } from '../ledger/ledger.ts';
import type { ModelSettings } from '../settings.ts';
import {
  accountsOf,
  type BudgetAccount,
  type BudgetScope,
  configuredBudgets,
  dayOf,
  holdsUsd,
} from './budgets.ts';
import { callerLimits, type LimitAccount } from './limits.ts';
import type { Target } from './targets.ts';

export type CallerAccount = LimitAccount | BudgetAccount;

/** What holds for a call whatever it asks: the models that may answer it, and the limits and budgets that it is under. */
export interface Terms {
  targets: Target[];
  limits: LimitAccount[];
  /** Those of the request alone, which lie in no books. */
  own: BudgetAccount[];
  /** The limits, then the other budgets. */
  set: AccountSet<CallerAccount>;
  /** Whether any budget holds. */
  budgeted: boolean;
  /** Whether one in USD does. */
  inUsd: boolean;
}

export interface TermsContext {
  settings: ModelSettings;
  caller: Caller | null;
  run_id: string | null;
  /** Those that the call brings along. */
  budgets: BudgetScope[];
  now: () => number;
}

export function termsOf(targets: Target[], context: TermsContext): Terms {
  const { settings, caller, run_id, budgets, now } = context;
  const scopes = [...configuredBudgets(settings.budgets, caller, run_id, now()), ...budgets];
  const accounts = scopes
    .flatMap(accountsOf)
    // Of two limits of one book the lower holds.
    .toSorted((a, b) => a.limit - b.limit)
    .filter(({ id }, index, all) => all.findIndex((each) => each.id === id) === index);
  const isOwn = ({ budget }: BudgetAccount) => budget.scope.per === 'request';
  const limits = callerLimits(settings.limits, caller);
  return {
    targets,
    limits,
    own: accounts.filter(isOwn),
    set: accountSet([...limits, ...accounts.filter((account) => !isOwn(account))]),
    budgeted: accounts.length > 0,
    inUsd: holdsUsd(scopes),
  };
}

/** So many callers and models are remembered. */
const MOST = 10_000;

interface Remembered {
  targets: Target[];
  caller: Caller;
  day: number;
  terms: Terms;
}

/** `termsOf`, worked out once for all calls of a caller to the same models that bring no budget along: they are most calls. */
export function createTerms(): typeof termsOf {
  const remembered = new Map<string, Remembered>();

  return (targets, context) => {
    const { caller, run_id, budgets, now } = context;
    if (!caller || run_id !== null || budgets.some(isLimited)) return termsOf(targets, context);
    const key = `${caller.key_id} ${targets.map(({ id }) => id).join()}`;
    const day = dayOf(now());
    const found = remembered.get(key);
    // After a change of the settings the targets are others.
    if (found?.targets === targets && found.day === day && isSame(found.caller, caller)) return found.terms;
    const terms = termsOf(targets, context);
    remembered.delete(key);
    remembered.set(key, { targets, caller, day, terms });
    if (remembered.size > MOST) remembered.delete(remembered.keys().next().value ?? '');
    return terms;
  };
}

function isLimited({ usd, tokens }: BudgetScope): boolean {
  return usd !== undefined || tokens !== undefined;
}

function isSame(one: Caller, other: Caller): boolean {
  return one.key_id === other.key_id && one.user === other.user && one.tenant === other.tenant;
}
