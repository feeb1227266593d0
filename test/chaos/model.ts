import {
  errorReply,
  type ModelServer,
  type Reply,
  type SeenRequest,
  startModelServer,
  textReply,
  toolCallReply,
} from '@planyard/llm/testing';
import { randomPlan } from './plans.ts';
import { integer, type Random, seededRandom } from './random.ts';

/** The question of a run of the load; the model finds its number there. */
export function questionOf(run: number): string {
  return `This is chaos run ${run}.`;
}

/** Plays the model: a random plan for each attempt, streamed slowly, replans, and now and then an error of the provider. */
export async function startChaosModel(seed: number): Promise<ModelServer> {
  const calls = new Map<number, number>();
  const reply = (request: SeenRequest): Reply => {
    const run = Number(/This is chaos run (\d+)\./.exec(request.prompt)?.[1] ?? -1);
    const call = (calls.get(run) ?? 0) + 1;
    calls.set(run, call);
    const random = seededRandom(seed * 1_000_003 + run * 101 + call);
    if (random() < 0.03) return errorReply(503, 'overloaded', { headers: { 'retry-after-ms': '50' } });
    const streamed = { chunk: integer(random, 20, 200), delay_ms: integer(random, 0, 8) };
    return isPlan(request)
      ? textReply(JSON.stringify(randomPlan(random)), streamed)
      : joined(request, random, streamed);
  };
  return await startModelServer([{ when: () => true, replies: reply }], ['chaos']);
}

function isPlan({ prompt }: SeenRequest): boolean {
  return prompt.includes('You plan how to answer a question');
}

function joined(request: SeenRequest, random: Random, streamed: { chunk: number; delay_ms: number }): Reply {
  if (request.body.tools?.length && random() < 0.2)
    return toolCallReply('replan', { reason: 'chaos wants more' });
  return textReply('The evidence is in, all of it, and this is what it says.', streamed);
}
