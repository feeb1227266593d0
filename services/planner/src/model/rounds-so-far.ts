import type { Json } from '@planyard/contracts';
import type { StepState } from '@planyard/engine';
import type { ChatMessage } from '@planyard/llm';
import { digestStep } from './digest.ts';
import { nativeName } from './native-tools.ts';

/** The calls of earlier attempts and what they gave, as a model that calls tools natively has seen them. */
export function roundsSoFar(
  steps: StepState[],
  values: ReadonlyMap<string, Json>,
  charsEach: number,
): ChatMessage[] {
  const attempts = [...new Set(steps.map(({ attempt }) => attempt))].sort((a, b) => a - b);
  return attempts.flatMap((attempt): ChatMessage[] => {
    const ofAttempt = steps.filter((step) => step.attempt === attempt);
    return [
      {
        role: 'assistant',
        content: null,
        tool_calls: ofAttempt.map((step) => ({
          id: callId(step),
          name: nativeName(step.tool),
          arguments: JSON.stringify(step.bound_args ?? step.spec.args),
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

/** Providers take no dots in it. */
function callId({ id }: StepState): string {
  return `call_${id.replace('.', '_')}`;
}
