import type { PlanStep } from '@planyard/contracts';
import { integer, pick, type Random } from './random.ts';

/** A random plan: some chains, some width, failures, conditions, every policy, and now and then a tool that must not run twice. */
export function randomPlan(random: Random): { intent: string; steps: Partial<PlanStep>[] } {
  const ids = Array.from({ length: integer(random, 2, 12) }, (_, index) => `n${index}`);
  return { intent: 'chaos', steps: ids.map((id, index) => randomStep(random, id, ids.slice(0, index))) };
}

function randomStep(random: Random, id: string, earlier: string[]): Partial<PlanStep> {
  const deps = earlier.filter(() => random() < 1.5 / Math.max(1, earlier.length));
  const data = deps.filter(() => random() < 0.5);
  const tool = random() < 0.15 ? 'chaos.once' : pick(random, ['chaos.read', 'chaos.write']);
  const args = {
    deps,
    // Equal calls in flight are joined, and a step that joined one leaves no lines of its own for the judge.
    nonce: integer(random, 0, 2 ** 31),
    // A few are long enough to be still running when a frozen worker wakes up beside their second start.
    ms: random() < 0.06 ? integer(random, 2_000, 4_000) : integer(random, 0, 150),
    // Some fail once or twice and are tried again, some fail for good.
    failures: random() < 0.15 ? pick(random, [1, 2, 9]) : 0,
    inputs: data.map((dep) => ({ $from: dep, path: 'step' })),
  };
  const onError = pick(random, ['isolate', 'isolate', 'skip', 'fallback'] as const);
  const first = data[0];
  return {
    id,
    tool,
    args: data.length > 0 ? args : { ...args, inputs: [] },
    after: deps.filter((dep) => !data.includes(dep)),
    on_error: onError,
    ...(onError === 'fallback' ? { fallback: { tool: 'chaos.read', args: { ...args, failures: 0 } } } : {}),
    ...(first && random() < 0.1 ? { when: { $from: first, path: 'ok' } } : {}),
  };
}
