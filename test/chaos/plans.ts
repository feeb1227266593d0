import type { PlanStep } from '@planyard/contracts';
import { integer, pick, type Random } from './random.ts';

/**
 * A random plan: some chains, some width, failures, conditions, every policy, now and then a tool that must not run twice,
 * and in a share of them calls that are equal to those of other runs.
 */
export function randomPlan(random: Random): { intent: string; steps: Partial<PlanStep>[] } {
  const ids = Array.from({ length: integer(random, 2, 12) }, (_, index) => `n${index}`);
  const equal = random() < 0.4;
  const steps = ids.map((id, index) => randomStep(random, id, ids.slice(0, index), equal));
  return { intent: 'chaos', steps };
}

/** Long enough that others join it, that workers die in it, and that one is under way when a frozen worker wakes up. */
const EQUAL_MS = [50, 400, 3_000] as const;

function randomStep(random: Random, id: string, earlier: string[], equal: boolean): Partial<PlanStep> {
  const shared = equal && random() < 0.35;
  const { tool, ...call } = shared ? equalCall(random) : ownCall(random);
  // Equal to those of other runs is only what waits for nothing.
  const deps = shared ? [] : earlier.filter(() => random() < 1.5 / Math.max(1, earlier.length));
  const data = deps.filter(() => random() < 0.5);
  const args = { deps, ...call, inputs: data.map((dep) => ({ $from: dep, path: 'step' })) };
  const onError = pick(random, ['isolate', 'isolate', 'skip', 'fallback'] as const);
  const first = data[0];
  return {
    id,
    tool,
    args,
    after: deps.filter((dep) => !data.includes(dep)),
    on_error: onError,
    ...(onError === 'fallback' ? { fallback: { tool: 'chaos.read', args: { ...args, failures: 0 } } } : {}),
    ...(first && random() < 0.1 ? { when: { $from: first, path: 'ok' } } : {}),
  };
}

function equalCall(random: Random) {
  return {
    tool: pick(random, ['chaos.read', 'chaos.kept']),
    nonce: 0,
    ms: pick(random, EQUAL_MS),
    failures: 0,
  };
}

function ownCall(random: Random) {
  return {
    tool: random() < 0.15 ? 'chaos.once' : pick(random, ['chaos.read', 'chaos.kept', 'chaos.write']),
    nonce: integer(random, 1, 2 ** 31),
    // A few are long enough to be still running when a frozen worker wakes up beside their second start.
    ms: random() < 0.06 ? integer(random, 2_000, 4_000) : integer(random, 0, 150),
    // Some fail once or twice and are tried again, some fail for good.
    failures: random() < 0.15 ? pick(random, [1, 2, 9]) : 0,
  };
}
