import { type Json, StepId } from '@planyard/contracts';
import { query } from '@planyard/engine';
import type { ToolCall, ToolSpec } from '@planyard/llm';
import { z } from 'zod';
import type { PlannerDeps } from '../deps.ts';
import type { Evidence } from '../results.ts';
import { CHARS_PER_TOKEN } from './digest.ts';
import { shortenValue } from './shorten-value.ts';

/** What one reading of a result may give. */
const READ_TOKENS = 8_000;

/** The names by which the joiner calls its tools. */
export const REPLAN = 'replan';
export const READ_RESULT = 'read_result';

const ReplanArgs = z.object({ reason: z.string().min(1) });
const ReadArgs = z.object({ step: z.string(), path: z.string().max(2_000).optional() });

export interface JoinTools {
  specs: ToolSpec[];
  labels: string[];
}

/** What the joiner may call: for another plan where one is allowed, and for a result that it was shown a part of. */
export function joinTools(
  { mayReplan, mayRead }: { mayReplan: boolean; mayRead: boolean },
  { prompts }: Pick<PlannerDeps, 'prompts'>,
): JoinTools {
  const tools: JoinTools = { specs: [], labels: [] };
  const add = (name: string, prompt: string, properties: { [key: string]: Json }, required: string[]) => {
    const { text, label } = prompts.render(prompt, {});
    tools.labels.push(label);
    tools.specs.push({
      name,
      description: text,
      parameters: { type: 'object', properties, required, additionalProperties: false },
    });
  };
  if (mayReplan) add(REPLAN, 'replan-tool', { reason: { type: 'string' } }, ['reason']);
  if (mayRead)
    add(READ_RESULT, 'read-result-tool', { step: { type: 'string' }, path: { type: 'string' } }, ['step']);
  return tools;
}

/** Why the model wants another plan. */
export function reasonOf(call: ToolCall): string {
  const args = ReplanArgs.safeParse(JSON.parse(call.arguments));
  return args.success ? args.data.reason : 'unspecified';
}

/** A step's result, or what a JMESPath takes of it; what is wrong with the call as `{error, …}`. */
export function readResult(call: ToolCall, evidence: Evidence[]): string {
  const args = ReadArgs.safeParse(JSON.parse(call.arguments));
  if (!args.success)
    return JSON.stringify({ error: 'invalid_args', expected: { step: 'string', path: 'JMESPath?' } });
  const { step, path } = args.data;
  const found = evidence.find(({ step: { id, spec } }) =>
    StepId.safeParse(step).success ? id === step : spec.id === step,
  );
  if (!found)
    return JSON.stringify({ error: 'unknown_step', step, steps: evidence.map((each) => each.step.id) });
  try {
    const value = path ? query(found.value, path) : found.value;
    return shortenValue(value, READ_TOKENS * CHARS_PER_TOKEN).text;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return JSON.stringify({ error: 'invalid_reference', path, message });
  }
}
