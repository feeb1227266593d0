import { type Caller, PlanyardError } from '@planyard/contracts';
import type { ModelBudget } from '../config/limit.ts';
import type { Account, Refusal, Share } from '../ledger/ledger.ts';
import { dearest, timesOf } from '../prices.ts';
import type { Demand } from './demand.ts';
import { mostSpecific } from './limits.ts';
import { speaksOpenAi } from './takers.ts';
import type { Target } from './targets.ts';

const NANO = 1e9;
const DAY_MS = 86_400_000;
/** A run's books outlive it by far. */
const RUN_MS = 7 * DAY_MS;

/** A budget that a call brings along. */
export interface BudgetScope {
  per: ModelBudget['per'];
  /** Which of them; unused for a request. */
  id: string;
  /** Whether `id` is that of one day. */
  daily?: boolean;
  usd?: number | undefined;
  tokens?: number | undefined;
  /** What was spent of it that went past the model layer, or before it kept books. */
  spent?: { usd: number; tokens: number };
}

export interface BudgetAccount extends Account {
  budget: { what: 'usd' | 'tokens'; scope: BudgetScope };
}

/** The day of UTC that a time lies in. */
export function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS);
}

/** The most that a call can cost, at the dearest of the models that may answer it. */
export interface Estimate {
  input_tokens: number;
  /** USD for the input, and for each token of output. */
  usd: { input: number; output: number };
  answers: number;
}

export function holdsUsd(budgets: Pick<BudgetScope, 'usd'>[]): boolean {
  return budgets.some((budget) => budget.usd !== undefined);
}

/** The targets whose price for what is asked is known; under a budget in USD others would cost what nobody knows. Throws `model_unpriced` when there is none. */
export function pricedTargets(targets: Target[], { tier, unpriced }: Demand): Target[] {
  const priced = targets.filter(
    (target) =>
      target.price &&
      timesOf(target.price, tierAt(target, tier)) !== null &&
      (unpriced === null || !speaksOpenAi(target)),
  );
  if (priced.length > 0) return priced;
  const names = targets.map((target) => target.id).join(', ');
  const at = unpriced ?? (tier === 'standard' ? null : 'service_tier');
  throw new PlanyardError(
    'model_unpriced',
    `${names} has no known price${at ? ` for this ${at}` : ''}, and a budget in USD is to be kept`,
    at ? { errors: [{ path: at, message: 'has no known price' }] } : {},
  );
}

/** The service that a model is asked for. */
export function tierAt(target: Target, asked: Demand['tier']): Demand['tier'] {
  return speaksOpenAi(target) ? asked : 'standard';
}

export function estimateUsd(targets: Target[], inputTokens: number, tier: Demand['tier']): Estimate['usd'] {
  const most = { input: 0, output: 0 };
  for (const target of targets) {
    if (!target.price) continue;
    const { input, output } = dearest(target.price, tierAt(target, tier), inputTokens);
    most.input = Math.max(most.input, inputTokens * input);
    most.output = Math.max(most.output, output);
  }
  return most;
}

/** The budgets of the configuration that hold for a caller, as scopes with the day in their id. */
export function configuredBudgets(
  budgets: ModelBudget[],
  caller: Caller | null,
  runId: string | null,
  now: number,
): BudgetScope[] {
  const names = {
    request: { id: '', plain: '' },
    run: runId === null ? null : { id: runId, plain: runId },
    key: caller && { id: caller.key_id, plain: caller.key_id },
    user: caller && { id: `${caller.tenant}/${caller.user}`, plain: caller.user },
    tenant: caller && { id: caller.tenant, plain: caller.tenant },
    all: { id: 'all', plain: 'all' },
  };
  const holding = budgets.filter(({ per, only }) => names[per] && (!only || only.includes(names[per].plain)));
  return mostSpecific(holding, ({ per, period }) => `${per} ${period}`).map(
    ({ per, period, usd, tokens }): BudgetScope => {
      const id = names[per]?.id ?? '';
      if (per === 'request' || per === 'run') return { per, id, usd, tokens };
      const daily = period === 'day';
      return { per, id: daily ? `${id}:${dayOf(now)}` : id, usd, tokens, daily };
    },
  );
}

/** A scope's accounts in whole units: billionths of a USD, and tokens. */
export function accountsOf(scope: BudgetScope): BudgetAccount[] {
  const { per, id, usd, tokens, spent, daily } = scope;
  const base = {
    kind: 'stock' as const,
    period_ms: daily ? 2 * DAY_MS : per === 'run' ? RUN_MS : 0,
  };
  const accounts: BudgetAccount[] = [];
  if (usd !== undefined)
    accounts.push({
      ...base,
      id: `usd:${per}:${id}`,
      limit: Math.floor(usd * NANO + 1e-3),
      spent_elsewhere: nano(spent?.usd ?? 0),
      budget: { what: 'usd', scope },
    });
  if (tokens !== undefined)
    accounts.push({
      ...base,
      id: `tokens:${per}:${id}`,
      limit: tokens,
      spent_elsewhere: spent?.tokens ?? 0,
      budget: { what: 'tokens', scope },
    });
  return accounts;
}

/** What a call takes of a budget at most. */
export function shareOfBudget({ budget }: BudgetAccount, { usd, input_tokens, answers }: Estimate): Share {
  return budget.what === 'usd'
    ? { fixed: nano(usd.input), each: nano(usd.output * answers) }
    : { fixed: input_tokens, each: answers };
}

/** What a settled call has used of a budget. */
export function spentOf(account: BudgetAccount, used: { usd: number; tokens: number }): number {
  return account.budget.what === 'usd' ? nano(used.usd) : used.tokens;
}

/** Of a call that a budget does not cover, or not yet. */
export function budgetError({ budget }: BudgetAccount, reason: Refusal['reason']): PlanyardError {
  const { per, daily, usd, tokens } = budget.scope;
  const whose = per === 'all' ? 'all calls' : `the ${per}`;
  const limit = budget.what === 'usd' ? `${usd} USD` : `${tokens} tokens`;
  const text = `the ${daily ? 'daily ' : ''}budget of ${whose}, ${limit}`;
  return reason === 'busy'
    ? new PlanyardError('budget_exceeded', `${text}, is reserved by calls under way`, {
        retryable: true,
        retryAfter: 1,
      })
    : new PlanyardError('budget_exceeded', `${text}, does not cover this call`);
}

/** Up, so that no fraction is spent unseen; not for what binary fractions add. */
function nano(usd: number): number {
  return Math.ceil(usd * NANO - 1e-3);
}
