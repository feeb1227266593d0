import type { LeasedLedger } from '../ledger/leased-ledger.ts';
import type { Claim, Refusal, Share, Standing, TokenRange } from '../ledger/ledger.ts';
import { ModelError } from '../model-error.ts';
import {
  type BudgetAccount,
  budgetError,
  type Estimate,
  estimateUsd,
  pricedTargets,
  shareOfBudget,
  spentOf,
} from './budgets.ts';
import type { Demand } from './demand.ts';
import { countTokens, type LimitAccount, type LimitStanding, shareOfLimit, usedOf } from './limits.ts';
import { withReservation } from './reservations.ts';
import type { Target } from './targets.ts';
import type { CallerAccount, Terms, TermsContext } from './terms.ts';

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

export interface AdmissionContext extends TermsContext {
  ledger: LeasedLedger | null;
  /** How long a limit of the caller's is waited for. */
  patience_ms: number;
  deadlineAt: number | null;
  signal: AbortSignal;
  onLimits?: ((standings: LimitStanding[]) => void) | undefined;
  random: () => number;
}

/** Opens the stream when the caller's limits and all budgets allow it (throws `model_unpriced` where one in USD cannot be kept), with the models that may answer and the tokens that the answer may have (null: as asked, or no budget is near). */
export function withAdmission<T>(
  { targets: all, limits, own, set, budgeted, inUsd }: Terms,
  demand: Demand,
  used: Used,
  open: (targets: Target[], maxTokens: number | null) => AsyncIterable<T>,
  context: AdmissionContext,
): AsyncIterable<T> {
  const targets = inUsd ? pricedTargets(all, demand) : all;
  const counts = budgeted || countTokens(limits);
  const models = counts ? targets.map(({ name }) => name.model) : [];

  const claimAt = (inputTokens: number): Claim<CallerAccount> => {
    const estimate = estimateOf(inputTokens, targets, demand);
    const tokens = rangeOf(budgeted, targets, demand);
    for (const account of own) keepWithin(account, shareOfBudget(account, estimate), tokens);
    const taken = tokensOf(inputTokens, demand);
    const shares = set.accounts.map((account) =>
      'budget' in account ? shareOfBudget(account, estimate) : shareOfLimit(account, taken),
    );
    return { set, shares, tokens };
  };
  const claims = {
    // A request's own budget lies in no books: only what is counted tells whether it fits.
    atMost: own.length > 0 ? null : claimAt(counts ? demand.input_tokens_at_most(models) : 0),
    counted: async () => claimAt(counts ? await demand.input_tokens(models) : 0),
  };
  const opened = (granted: number, { unlimited = Number.POSITIVE_INFINITY }: TokenRange) =>
    open(targets, demand.max_tokens === null && granted < unlimited ? granted : null);
  return withReservation(claims, opened, {
    ...context,
    refuse: (refusal) => refuse(refusal, context),
    used: (account) => ('budget' in account ? spentOf(account, used) : usedOf(account, used.tokens)),
    onReserved(reservation) {
      if (!context.onLimits || limits.length === 0) return;
      const standings = reservation.standings();
      context.onLimits(limits.map((account, index) => standingOf(account, standings[index] as Standing)));
    },
  });
}

/** Opens the stream when the limits of the provider and the model allow it. */
export function withTargetLimits<T>(
  { name, limits: set }: Target,
  demand: Demand,
  used: Used,
  open: () => AsyncIterable<T>,
  context: AdmissionContext,
): AsyncIterable<T> {
  if (set.accounts.length === 0) return open();
  const counts = countTokens(set.accounts);
  const models = [name.model];
  const claimAt = (inputTokens: number): Claim<LimitAccount> => {
    const taken = tokensOf(inputTokens, demand);
    return {
      set,
      shares: set.accounts.map((account) => shareOfLimit(account, taken)),
      tokens: { least: 0, most: 0 },
    };
  };
  const claims = {
    atMost: claimAt(counts ? demand.input_tokens_at_most(models) : 0),
    counted: async () => claimAt(counts ? await demand.input_tokens(models) : 0),
  };
  return withReservation(claims, open, {
    ...context,
    refuse: (refusal) => ({ error: limitError(refusal), patience_ms: 0 }),
    used: (account) => usedOf(account, used.tokens),
  });
}

/** What a call takes of limits on tokens, input and output together. */
function tokensOf(inputTokens: number, { max_tokens, answers }: Demand): number {
  return Math.ceil(inputTokens) + (max_tokens ?? USUAL_MOST_TOKENS / 8) * answers;
}

function estimateOf(inputTokens: number, targets: Target[], { tier, answers }: Demand): Estimate {
  const input = Math.ceil(inputTokens * INPUT_MARGIN);
  return { input_tokens: input, usd: estimateUsd(targets, input, tier), answers };
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

/** A request's own budget lies in no books: what of the range it affords. What costs nothing fits into every budget. */
function keepWithin(account: BudgetAccount, { fixed, each }: Share, tokens: TokenRange): void {
  if (fixed + each === 0) return;
  const room = account.limit - account.spent_elsewhere;
  if (fixed + each * tokens.least > room) throw budgetError(account, 'full');
  if (each > 0) tokens.most = Math.min(tokens.most, Math.floor((room - fixed) / each));
  if (fixed + each * (tokens.unlimited ?? 0) > room) delete tokens.unlimited;
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
  const standing = standingOf(account, { room, reset_ms: retry_ms ?? 0 });
  const { per, what, limit } = standing;
  return new ModelError('limited', `the ${per} ${account.limits.name} may have ${limit} ${what}`, {
    standing,
    ...(retry_ms === null ? {} : { retryAfter: Math.max(1, Math.ceil(retry_ms / 1000)) }),
  });
}

function standingOf({ limits: { per, what }, limit }: LimitAccount, standing: Standing): LimitStanding {
  return { per, what, limit, ...standing };
}
