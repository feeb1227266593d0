import type { PlanStep } from '@planyard/contracts';
import { type Executor, evictPlan, findPlan, findSimilarPlan } from '@planyard/store';

/** A plan of an earlier run that was completed. */
export interface KeptPlan {
  run_id: string;
  question: string;
  steps: PlanStep[];
}

/** Where plans that worked are looked for. */
export interface KeptPlans {
  find(tenant: string, key: string): Promise<KeptPlan | null>;
  /** The one whose question is nearest, within the threshold. */
  findSimilar(tenant: string, scope: string, vector: number[]): Promise<KeptPlan | null>;
  evict(tenant: string, runId: string): Promise<void>;
}

const DAY_MS = 86_400_000;

export function createKeptPlans(
  db: Executor,
  { days, threshold, now }: { days: number; threshold: number; now: () => number },
): KeptPlans {
  const since = () => new Date(now() - days * DAY_MS);
  return {
    find: (tenant, key) => findPlan(db, tenant, key, since()),
    findSimilar: (tenant, scope, vector) =>
      findSimilarPlan(db, tenant, scope, { vector, threshold, since: since() }),
    evict: (tenant, runId) => evictPlan(db, tenant, runId),
  };
}
