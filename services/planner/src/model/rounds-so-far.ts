import { createHash } from 'node:crypto';
import { COLLECT_TOOL, type Json } from '@planyard/contracts';
import type { StepState } from '@planyard/engine';
import type { ChatMessage } from '@planyard/llm';
import { digestStep } from './digest.ts';
import { nativeName } from './native-tools.ts';
import { shortenValue } from './shorten-value.ts';

/** Characters of a call's arguments: in a graph they may hold whole results. */
const ARGS = 2_000;
/** Characters of a call's id that all providers take. */
const MAX_ID = 40;

/** The calls of earlier attempts and what they gave, as a model that calls tools natively has seen them. */
export function roundsSoFar(
  steps: StepState[],
  values: ReadonlyMap<string, Json>,
  charsEach: number,
): ChatMessage[] {
  // What a composition collects stands in its steps.
  const called = steps.filter(({ tool }) => tool !== COLLECT_TOOL);
  const attempts = [...new Set(called.map(({ attempt }) => attempt))].sort((a, b) => a - b);
  return attempts.flatMap((attempt): ChatMessage[] => {
    const ofAttempt = called.filter((step) => step.attempt === attempt);
    return [
      {
        role: 'assistant',
        content: null,
        tool_calls: ofAttempt.map((step) => ({
          id: callId(step),
          name: nativeName(step.tool),
          arguments: argumentsOf(step),
        })),
      },
      ...ofAttempt.map(
        (step): ChatMessage => ({
          role: 'tool',
          tool_call_id: callId(step),
          content: digestStep(step, values.get(step.id), charsEach),
        }),
      ),
    ];
  });
}

/** Always JSON of an object, as providers want it. */
function argumentsOf({ bound_args, spec }: StepState): string {
  const args = bound_args ?? (spec.args as Json);
  const whole = JSON.stringify(args);
  return whole.length <= ARGS ? whole : JSON.stringify({ shortened: shortenValue(args, ARGS).text });
}

/** Providers take no dots in it. */
function callId({ id }: StepState): string {
  const call = `call_${id.replace('.', '_')}`;
  if (call.length <= MAX_ID) return call;
  return `call_${createHash('sha256')
    .update(id)
    .digest('hex')
    .slice(0, MAX_ID - 5)}`;
}
