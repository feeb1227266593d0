import type { Caller } from '@planyard/contracts';
import type { BudgetsConfig } from './config/models-config.ts';
import { accountSet, createLedger } from './ledger/ledger.ts';
import type { LlmLog } from './log.ts';
import {
  accountsOf,
  type BudgetAccount,
  budgetError,
  configuredBudgets,
  shareOfBudget,
  spentOf,
} from './policies/budgets.ts';
import { reserve } from './policies/reservations.ts';
import type { LlmRedis } from './redis/connection.ts';

/** Whose budgets a tool's call spends. */
export interface ToolSpender {
  caller: Caller;
  run_id: string;
}

/** What a tool's call has used. */
export interface ToolSpent {
  usd: number;
  tokens: number;
}

/** The budgets of `planyard.yaml` as tools spend them: the same books as those of model calls. */
export interface ToolBudgets {
  /**
   * Reserves what a call is expected to cost on all budgets or on none; `settle` puts in its place what was used, once.
   * What takes nothing is never refused. Throws `budget_exceeded`, and `unavailable` when Redis does not answer.
   */
  reserve(
    spender: ToolSpender,
    usd: number,
    signal: AbortSignal,
  ): Promise<{ settle(spent: ToolSpent): void }>;
}

export interface ToolBudgetsDeps extends LlmRedis {
  /** Asked at each call. */
  settings: () => BudgetsConfig;
  log: LlmLog;
  now?: () => number;
  random?: () => number;
}

export function createToolBudgets(deps: ToolBudgetsDeps): ToolBudgets {
  const { settings, now = Date.now, random = Math.random } = deps;
  const ledger = createLedger(deps);

  return {
    async reserve({ caller, run_id }, usd, signal) {
      const { budgets, budget_patience_ms: patience_ms } = settings();
      const set = accountSet(
        configuredBudgets(budgets, caller, run_id, now())
          // A request is one to a model.
          .filter(({ per }) => per !== 'request')
          .flatMap(accountsOf),
      );
      if (set.accounts.length === 0) return { settle: () => {} };
      const estimate = { input_tokens: 0, usd: { input: usd, output: 0 }, answers: 0 };
      const shares = set.accounts.map((account) => shareOfBudget(account, estimate));
      const reservation = await reserve({ set, shares, tokens: { least: 0, most: 0 } }, ledger, {
        signal,
        refuse: ({ account, reason }) => ({ error: budgetError(account, reason), patience_ms }),
        now,
        random,
      });
      return { settle: (spent) => reservation.settle((account) => spentOf(account as BudgetAccount, spent)) };
    },
  };
}
