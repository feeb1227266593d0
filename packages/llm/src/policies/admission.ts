import type { Caller } from '@planyard/contracts';
import type { LeasedLedger } from '../ledger/leased-ledger.ts';
import type { Refusal, Standing, TokenRange } from '../ledger/ledger.ts';
import { ModelError } from '../model-error.ts';
import type { ModelSettings } from '../settings.ts';
import {
  accountsOf,
  type BudgetAccount,
  type BudgetScope,
  budgetError,
  configuredBudgets,
  estimateUsd,
  holdsUsd,
  pricedTargets,
  spentOf,
} from './budgets.ts';
import type { Demand } from './demand.ts';
import {
  callerLimits,
  type LimitAccount,
  type LimitStanding,
  sized,
  targetLimits,
  usedOf,
} from './limits.ts';
import { type Claim, withReservation } from './reservations.ts';
import type { Target } from './targets.ts';

/** Fewer are no answer. */
const LEAST_TOKENS = 16;
/** Of a model whose most is not known, and of one whose most would tie up a budget. */
const USUAL_MOST_TOKENS = 8_192;
const MOST_TOKENS = 32_768;
/** More than any model gives, of which the most is not known. */
const BOUNDLESS_TOKENS = 131_072;
/** Providers count differently than the tokenizer does. */
const INPUT_MARGIN = 1.1;

/** What tries have used so far. */
export interface Used {
  tokens: number;
  usd: number;
}

export interface AdmissionContext {
  settings: ModelSettings;
  ledger: LeasedLedger | null;
  caller: Caller | null;
  run_id: string | null;
  budgets: BudgetScope[];
  /** How long a limit of the caller's is waited for. */
  patience_ms: number;
  deadlineAt: number | null;
  signal: AbortSignal;
  onLimits?: ((standings: LimitStanding[]) => void) | undefined;
  now: () => number;
  random: () => number;
}

type CallerAccount = LimitAccount | BudgetAccount;

/** Opens the stream when the caller's limits and all budgets allow it, with the models that may answer and the tokens that the answer may have (null: as asked, or no budget is near). */
export function withAdmission<T>(
  targets: Target[],
  demand: Demand,
  used: Used,
  open: (targets: Target[], maxTokens: number | null) => AsyncIterable<T>,
  context: AdmissionContext,
): AsyncIterable<T> {
  const { settings, caller } = context;
  const scopes = [
    ...configuredBudgets(settings.budgets, caller, context.run_id, context.now()),
    ...context.budgets,
  ].filter(({ usd, tokens }) => usd !== undefined || tokens !== undefined);
  const allowed = holdsUsd(scopes) ? pricedTargets(targets) : targets;
  const limits = limitsOf(demand, callerLimits(settings.limits, caller));
  const counts = scopes.length > 0 || limits.onTokens;
  const models = allowed.map(({ name }) => name.model);

  const claimAt = (inputTokens: number): Claim<CallerAccount> => {
    const budgets = budgetsAt(inputTokens, scopes, allowed, demand);
    const tokens = rangeOf(budgets.length > 0, allowed, demand);
    for (const { scope, account } of budgets) if (scope.per === 'request') keepWithin(account, tokens);
    const shared = budgets.flatMap(({ scope, account }) => (scope.per === 'request' ? [] : [account]));
    return { accounts: [...limits.at(inputTokens), ...shared], tokens };
  };
  // A request's own budget lies in no books: only what is counted tells whether it fits.
  const mustCount = scopes.some(({ per }) => per === 'request');
  const claims = {
    atMost: mustCount ? null : claimAt(counts ? demand.input_tokens_at_most(models) : 0),
    counted: async () => claimAt(counts ? await demand.input_tokens(models) : 0),
  };
  const opened = (granted: number, { unlimited = Number.POSITIVE_INFINITY }: TokenRange) =>
    open(allowed, demand.max_tokens === null && granted < unlimited ? granted : null);
  return withReservation(claims, opened, {
    ...context,
    refuse: (refusal) => refuse(refusal, context),
    used: (account) => ('budget' in account ? spentOf(account, used) : usedOf(account, used.tokens)),
    onStandings(standings) {
      context.onLimits?.(
        limits.unsized.map((account, index) => ({
          ...(standings[index] as Standing),
          per: account.limits.per,
          what: account.limits.what,
          limit: account.limit,
        })),
      );
    },
  });
}

/** Opens the stream when the limits of the provider and the model allow it. */
export function withTargetLimits<T>(
  target: Target,
  demand: Demand,
  used: Used,
  open: () => AsyncIterable<T>,
  context: AdmissionContext,
): AsyncIterable<T> {
  const { settings } = context;
  const limits = limitsOf(demand, targetLimits(settings.limits, target));
  const models = [target.name.model];
  const claimAt = (inputTokens: number) => ({
    accounts: limits.at(inputTokens),
    tokens: { least: 0, most: 0 },
  });
  const claims = {
    atMost: claimAt(limits.onTokens ? demand.input_tokens_at_most(models) : 0),
    counted: async () => claimAt(limits.onTokens ? await demand.input_tokens(models) : 0),
  };
  return withReservation(claims, open, {
    ...context,
    refuse: (refusal) => ({ error: limitError(refusal), patience_ms: 0 }),
    used: (account) => usedOf(account, used.tokens),
  });
}

/** The limits of a call by the tokens of its input, on which they depend where one is on tokens. */
function limitsOf(demand: Demand, unsized: LimitAccount[]) {
  const onTokens = unsized.some((account) => account.limits.what === 'tokens a minute');
  const output = (demand.max_tokens ?? USUAL_MOST_TOKENS / 8) * demand.answers;
  return {
    unsized,
    onTokens,
    at: (inputTokens: number) => (onTokens ? sized(unsized, Math.ceil(inputTokens) + output) : unsized),
  };
}

/** The accounts of the budgets, the request's own among them. */
function budgetsAt(inputTokens: number, scopes: BudgetScope[], targets: Target[], demand: Demand) {
  const input = Math.ceil(inputTokens * INPUT_MARGIN);
  const estimate = {
    input_tokens: input,
    usd: estimateUsd(targets, input, demand.tier),
    answers: demand.answers,
  };
  return (
    scopes
      .flatMap((scope) => accountsOf(scope, estimate).map((account) => ({ scope, account })))
      // What costs nothing fits into every budget, a used-up one too. Of two limits of one book the lower holds.
      .filter(({ account }) => account.fixed + account.each > 0)
      .toSorted((a, b) => a.account.limit - b.account.limit)
      .filter(({ account }, index, all) => all.findIndex((each) => each.account.id === account.id) === index)
  );
}

/** Without a budget nothing is granted, so that nothing is sent. Far from every budget no limit is sent either, and what the model may then give at most is reserved: so no budget is overdrawn. */
function rangeOf(budgeted: boolean, targets: Target[], demand: Demand): TokenRange {
  const most = demand.max_tokens ?? mostOf(targets);
  const range = { least: demand.max_tokens ?? Math.min(LEAST_TOKENS, most), most };
  if (!budgeted) return { ...range, unlimited: 0 };
  return demand.max_tokens === null ? { ...range, unlimited: boundOf(targets) } : range;
}

function mostOf(targets: Target[]): number {
  return Math.min(MOST_TOKENS, ...targets.map(({ price }) => price?.max_output_tokens ?? USUAL_MOST_TOKENS));
}

/** What the largest of the models can give at once. */
function boundOf(targets: Target[]): number {
  return Math.max(...targets.map(({ price }) => price?.max_output_tokens ?? BOUNDLESS_TOKENS));
}

/** A request's own budget lies in no books: what of the range it affords. */
function keepWithin(account: BudgetAccount, tokens: TokenRange): void {
  const room = account.limit - account.spent_elsewhere;
  if (account.fixed + account.each * tokens.least > room) throw budgetError(account, 'full');
  if (account.each > 0)
    tokens.most = Math.min(tokens.most, Math.floor((room - account.fixed) / account.each));
  if (account.fixed + account.each * (tokens.unlimited ?? 0) > room) delete tokens.unlimited;
}

function refuse(refusal: Refusal & { account: CallerAccount }, context: AdmissionContext) {
  const { account } = refusal;
  const left = context.deadlineAt === null ? Number.POSITIVE_INFINITY : context.deadlineAt - context.now();
  if ('budget' in account)
    return {
      error: budgetError(account, refusal.reason),
      patience_ms: Math.min(context.settings.budget_patience_ms, left),
    };
  return {
    error: limitError({ ...refusal, account }),
    patience_ms: Math.min(context.patience_ms, left),
  };
}

function limitError({ account, retry_ms, room }: Refusal & { account: LimitAccount }): ModelError {
  const { per, name, what } = account.limits;
  const { limit } = account;
  return new ModelError('limited', `the ${per} ${name} may have ${limit} ${what}`, {
    standing: { per, what, limit, room, reset_ms: retry_ms ?? 0 },
    ...(retry_ms === null ? {} : { retryAfter: Math.max(1, Math.ceil(retry_ms / 1000)) }),
  });
}
