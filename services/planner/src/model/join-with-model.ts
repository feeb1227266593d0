import { type JoiningPhase, timeoutSignal } from '@planyard/engine';
import {
  type ChatMessage,
  type ChatRequest,
  type FinishReason,
  ModelError,
  type ToolCall,
} from '@planyard/llm';
import type { ActingAgent } from '../agent/acting-agent.ts';
import type { PlannerDeps, PlannerModel } from '../deps.ts';
import type { Evidence } from '../results.ts';
import { createAnswerTeller } from './answer-teller.ts';
import { askModel, coversNoAttempt, isBudgetRefusal } from './ask-model.ts';
import type { Conversation } from './conversation.ts';
import { digestSteps, showsAll } from './digest.ts';
import { joinTools, READ_RESULT, REPLAN, readResult, reasonOf } from './join-tools.ts';

const EVIDENCE_TOKENS = 24_000;
/** What is told of the evidence when the budget does not cover more. */
const SHORT_EVIDENCE_TOKENS = 4_000;
/** Results that the model may read in full before it must answer. */
const READS = 4;
/** Left before the deadline to write the evidence down when the model is not done. */
const DEADLINE_MARGIN_MS = 500;
/** Characters of text that may still be an introduction to a call: told once more come, or the reply turns out to be the answer. */
const HELD_BACK = 120;
/** What a model gets to conclude once the deadline has passed. */
const CONCLUDE_MS = 5_000;

export interface Joining {
  phase: JoiningPhase;
  model: PlannerModel;
  acting: ActingAgent;
  /** The model or route that answers. */
  planner: string;
  conversation: Conversation;
  evidence: Evidence[];
  deps: PlannerDeps;
}

export type Joined =
  | { kind: 'answer'; text: string; finish: FinishReason }
  | { kind: 'replan'; reason: string }
  | { kind: 'failed'; why: string };

/** How one call of the model ended: as the join does, or with results to be read first. */
type Reply = Joined | { kind: 'reads'; calls: ToolCall[] };

/** The model streams the answer, reads a result in full first, or asks for a new plan before its first token. A budget that does not cover it reaches the model as the instruction to conclude, with less evidence. */
export async function joinWithModel(joining: Joining): Promise<Joined> {
  const { phase, evidence } = joining;
  const conclude = phase.must_conclude ?? (coversNoAttempt(phase) ? 'budget' : null);
  try {
    return await askToJoin(joining, { conclude, evidenceTokens: EVIDENCE_TOKENS });
  } catch (error) {
    if (!isBudgetRefusal(error) || evidence.length === 0) throw error;
    return await askToJoin(joining, { conclude: 'budget', evidenceTokens: SHORT_EVIDENCE_TOKENS });
  }
}

async function askToJoin(
  joining: Joining,
  { conclude, evidenceTokens }: { conclude: JoiningPhase['must_conclude']; evidenceTokens: number },
): Promise<Joined> {
  const { phase, acting, planner, conversation, evidence, deps } = joining;
  const mode = conclude
    ? deps.prompts.render('join-conclude', { reason: `limit: ${conclude}` })
    : deps.prompts.render('join-replan', {});
  const values = new Map(evidence.map(({ step, value }) => [step.id, value]));
  const system = deps.prompts.render('join', {
    agent: acting.told.text.trim(),
    evidence: digestSteps(phase.steps, values, evidenceTokens),
    mode: mode.text.trim(),
    now: new Date(deps.now()).toISOString(),
  });
  const tools = joinTools(
    { mayReplan: conclude === null, mayRead: !showsAll(phase.steps, values, evidenceTokens) },
    deps,
  );
  const messages: ChatMessage[] = [{ role: 'system', content: system.text }, ...conversation.messages];
  const call = {
    purpose: 'join' as const,
    prompt: [`${system.label}${conversation.label}`, acting.told.label, mode.label, ...tools.labels].join(
      ' ',
    ),
    model: planner,
    signal: signalOf(phase, deps),
  };
  const ask = (request: ChatRequest) => streamAnswer(joining, request, call);
  try {
    for (let reads = 0; ; reads += 1) {
      // After the last reading nothing is left to call but for a new plan.
      const specs = tools.specs.filter(({ name }) => name !== READ_RESULT || reads < READS);
      const reply = await ask({
        messages: [...messages],
        ...(specs.length > 0 ? { tools: specs } : {}),
        // Without any result an answer would be invented; only a new plan can help.
        ...(specs.length > 0 && evidence.length === 0 ? { tool_choice: 'required' } : {}),
      });
      if (reply.kind !== 'reads') return reply;
      messages.push({ role: 'assistant', content: null, tool_calls: reply.calls });
      for (const each of reply.calls)
        messages.push({ role: 'tool', tool_call_id: each.id, content: readResult(each, evidence) });
    }
  } catch (error) {
    phase.signal.throwIfAborted();
    if (!(error instanceof ModelError)) throw error;
    if (error.kind !== 'bad_request' || tools.specs.length === 0 || evidence.length === 0)
      return { kind: 'failed', why: error.message };
    return await withoutTools(ask, messages, error);
  }
}

/** Some models refuse every request that offers a tool: they answer without the choice to replan. */
async function withoutTools(
  ask: (request: ChatRequest) => Promise<Reply>,
  messages: ChatMessage[],
  refused: ModelError,
): Promise<Joined> {
  if (!/tool|function/i.test(refused.message)) return { kind: 'failed', why: refused.message };
  try {
    const reply = await ask({ messages: messages.filter(({ role }) => role !== 'tool') });
    return reply.kind === 'reads' ? { kind: 'failed', why: 'it called a tool that it was not given' } : reply;
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return { kind: 'failed', why: error.message };
  }
}

async function streamAnswer(
  { phase, model, evidence }: Joining,
  request: ChatRequest,
  call: Parameters<typeof askModel>[3],
): Promise<Reply> {
  const teller = createAnswerTeller(phase, request.tools ? HELD_BACK : 0);
  const reads: ToolCall[] = [];
  let replan: ToolCall | null = null;
  let finish: FinishReason = 'stop';
  for await (const event of askModel(phase, model, request, call)) {
    if (event.type === 'tool_call' && !teller.begun) {
      // Read on to its end: a stream that is left counts as cancelled, and what it used is told last.
      if (event.call.name === REPLAN) replan ??= event.call;
      if (event.call.name === READ_RESULT) reads.push(event.call);
    }
    if (event.type === 'finish') finish = event.reason;
    if (event.type !== 'text' || evidence.length === 0 || reads.length > 0 || replan) continue;
    await teller.push(event.text);
  }
  if (replan) return { kind: 'replan', reason: reasonOf(replan) };
  if (reads.length > 0) return { kind: 'reads', calls: reads };
  const text = await teller.complete();
  return text === ''
    ? { kind: 'failed', why: 'the model gave an empty answer' }
    : { kind: 'answer', text, finish };
}

function signalOf(phase: JoiningPhase, deps: PlannerDeps): AbortSignal {
  if (phase.deadline_at === null) return phase.signal;
  if (phase.must_conclude === 'deadline')
    return AbortSignal.any([phase.signal, AbortSignal.timeout(CONCLUDE_MS)]);
  return AbortSignal.any([phase.signal, timeoutSignal(phase.deadline_at - deps.now() - DEADLINE_MARGIN_MS)]);
}
