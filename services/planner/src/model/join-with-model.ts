import type { JoiningPhase } from '@planyard/engine';
import { type ChatEvent, type ChatMessage, type ChatRequest, ModelError, type ToolSpec } from '@planyard/llm';
import { z } from 'zod';
import type { PlannerDeps, PlannerModel } from '../deps.ts';
import type { Evidence } from '../results.ts';
import { askModel, coversNoAttempt, isBudgetRefusal } from './ask-model.ts';
import { conversationOf } from './conversation.ts';
import { createDeltaBatcher } from './delta-batcher.ts';
import { digestSteps } from './digest.ts';

const EVIDENCE_TOKENS = 24_000;
/** What is told of the evidence when the budget does not cover more. */
const SHORT_EVIDENCE_TOKENS = 4_000;
const BATCH_MS = 50;
/** Left before the deadline to write the evidence down when the model is not done. */
const DEADLINE_MARGIN_MS = 500;
/** What a model gets to conclude once the deadline has passed. */
const CONCLUDE_MS = 5_000;

export type Joined =
  | { kind: 'answer'; text: string }
  | { kind: 'replan'; reason: string }
  | { kind: 'failed'; why: string };

const ReplanArgs = z.object({ reason: z.string().min(1) });

/** One model call that streams the answer, or asks for a new plan before its first token. A budget that does not cover it reaches the model as the instruction to conclude, with less evidence. */
export async function joinWithModel(
  phase: JoiningPhase,
  model: PlannerModel,
  evidence: Evidence[],
  deps: PlannerDeps,
): Promise<Joined> {
  const conclude = phase.must_conclude ?? (coversNoAttempt(phase) ? 'budget' : null);
  try {
    return await askToJoin(phase, model, evidence, deps, { conclude, evidenceTokens: EVIDENCE_TOKENS });
  } catch (error) {
    if (!isBudgetRefusal(error) || evidence.length === 0) throw error;
    const short = { conclude: 'budget' as const, evidenceTokens: SHORT_EVIDENCE_TOKENS };
    return await askToJoin(phase, model, evidence, deps, short);
  }
}

async function askToJoin(
  phase: JoiningPhase,
  model: PlannerModel,
  evidence: Evidence[],
  deps: PlannerDeps,
  { conclude, evidenceTokens }: { conclude: JoiningPhase['must_conclude']; evidenceTokens: number },
): Promise<Joined> {
  const mode = conclude
    ? deps.prompts.render('join-conclude', { reason: `limit: ${conclude}` })
    : deps.prompts.render('join-replan', {});
  const values = new Map(evidence.map(({ step, value }) => [step.id, value]));
  const system = deps.prompts.render('join', {
    evidence: digestSteps(phase.steps, values, evidenceTokens),
    mode: mode.text.trim(),
    now: new Date(deps.now()).toISOString(),
  });
  const described = conclude ? null : deps.prompts.render('replan-tool', {});
  const messages: ChatMessage[] = [{ role: 'system', content: system.text }, ...conversationOf(phase.record)];
  const request: ChatRequest = { messages };
  if (described) {
    request.tools = [replanTool(described.text)];
    // Without any result an answer would be invented; only a new plan can help.
    if (evidence.length === 0) request.tool_choice = 'required';
  }
  const call = {
    purpose: 'join' as const,
    prompt: [system, mode, ...(described ? [described] : [])].map(({ label }) => label).join(' '),
    signal: signalOf(phase, deps),
  };
  try {
    return await streamAnswer(phase, askModel(phase, model, request, call), evidence.length > 0);
  } catch (error) {
    phase.signal.throwIfAborted();
    if (!(error instanceof ModelError)) throw error;
    if (error.kind === 'bad_request' && request.tools && evidence.length > 0)
      return await withoutTools(phase, model, messages, call, error);
    return { kind: 'failed', why: error.message };
  }
}

/** Some models refuse every request that offers a tool: they answer without the choice to replan. */
async function withoutTools(
  phase: JoiningPhase,
  model: PlannerModel,
  messages: ChatMessage[],
  call: Parameters<typeof askModel>[3],
  refused: ModelError,
): Promise<Joined> {
  if (!/tool|function/i.test(refused.message)) return { kind: 'failed', why: refused.message };
  try {
    return await streamAnswer(phase, askModel(phase, model, { messages }, call), true);
  } catch (error) {
    phase.signal.throwIfAborted();
    if (!(error instanceof ModelError)) throw error;
    return { kind: 'failed', why: error.message };
  }
}

async function streamAnswer(
  phase: JoiningPhase,
  events: AsyncIterable<ChatEvent>,
  mayAnswer: boolean,
): Promise<Joined> {
  const batcher = createDeltaBatcher((text) => phase.answerDelta(text), BATCH_MS);
  let answer = '';
  for await (const event of events) {
    if (event.type === 'tool_call' && answer === '' && event.call.name === 'replan') {
      const args = ReplanArgs.safeParse(JSON.parse(event.call.arguments));
      return { kind: 'replan', reason: args.success ? args.data.reason : 'the results do not answer it' };
    }
    if (event.type !== 'text' || !mayAnswer) continue;
    // White space decides nothing yet: a model may send it before a tool call.
    if (answer === '' && event.text.trim() === '') continue;
    if (answer === '') await phase.answerStarted();
    answer += event.text;
    batcher.push(event.text);
  }
  if (answer === '') return { kind: 'failed', why: 'the model gave an empty answer' };
  await batcher.flush();
  await phase.answerCompleted(answer);
  return { kind: 'answer', text: answer };
}

function replanTool(description: string): ToolSpec {
  return {
    name: 'replan',
    description,
    parameters: {
      type: 'object',
      properties: { reason: { type: 'string' } },
      required: ['reason'],
      additionalProperties: false,
    },
  };
}

function signalOf(phase: JoiningPhase, deps: PlannerDeps): AbortSignal {
  if (phase.deadline_at === null) return phase.signal;
  if (phase.must_conclude === 'deadline')
    return AbortSignal.any([phase.signal, AbortSignal.timeout(CONCLUDE_MS)]);
  const left = Math.max(1, phase.deadline_at - deps.now() - DEADLINE_MARGIN_MS);
  return AbortSignal.any([phase.signal, AbortSignal.timeout(left)]);
}
