import type { JsonObject, ToolManifest } from '@planyard/contracts';
import type { PlanningPhase } from '@planyard/engine';
import {
  type ChatMessage,
  type ChatRequest,
  type FinishReason,
  ModelError,
  type ToolCall,
} from '@planyard/llm';
import { readEvidence } from '../results.ts';
import { type Admission, createAdmission } from './admission.ts';
import { type AnswerTeller, createAnswerTeller } from './answer-teller.ts';
import { askModel } from './ask-model.ts';
import { CHARS_PER_TOKEN } from './digest.ts';
import { type NativeTools, nativeTokens, nativeTools } from './native-tools.ts';
import { formatFault } from './plan-fault.ts';
import type { Planned, Planning } from './planning.ts';
import { roundsSoFar } from './rounds-so-far.ts';
import { systemMessage } from './system-message.ts';
import type { ToolSearch } from './tool-search.ts';

const EVIDENCE_TOKENS = 24_000;
/** Characters of text that may still be an introduction to calls: told once the reply turns out to be the answer. */
const HELD_BACK = 400;
/** Tools in one request, before the model searches for more: providers take 128 at most. */
const MOST_NATIVE = 64;
/** What their schemas and descriptions may take, in stages of the digest, where they are told in short. */
const NATIVE_STAGES = 4;
/** Times that calls which cannot be made are sent back within one round. */
const REPAIRS = 2;

/**
 * One round of native tool calls: what the model calls becomes the plan of this attempt, and what it says without a call
 * is the answer. The last round offers no tools, if there is anything to answer from.
 */
export async function planInRounds(planning: Planning): Promise<Planned> {
  const { phase, acting, deps } = planning;
  const isLast = phase.attempt - phase.attempts_before >= acting.max_attempts && phase.steps.length > 0;
  const shown = await shownIn(planning);
  const search = shown.length < acting.tools.length ? planning.view.search : null;
  const admission = createAdmission(phase, shown, deps.checkArgs, acting.composed);
  const { messages, labels } = await openingOf(planning, isLast);
  let named = lastNamed(phase);
  for (let tries = 0; ; ) {
    const native = nativeTools(shown);
    const finds = search?.left && !isLast ? search : null;
    if (finds && !labels.includes(finds.label)) labels.push(finds.label);
    const reply = await ask(planning, native, finds, { messages, label: labels.join(' '), isLast });
    if (reply.failure)
      return {
        kind: 'nothing',
        why: reply.failure.message,
        reachable: false,
        refused: admission.refused(),
        repairs: tries,
      };
    if (reply.calls.length === 0) return await answered(reply, tries);
    const searches = finds ? reply.calls.filter(({ name }) => name === finds.spec.name) : [];
    // A reply that calls tools as well goes on with them: what it searched for it may search for in the next round.
    if (finds && searches.length === reply.calls.length) {
      const found = await answerSearches(finds, searches, messages);
      shown.push(...found.filter((tool) => !shown.includes(tool)));
      admission.alsoOffer(found);
      continue;
    }
    const calls = reply.calls
      .filter((call) => !searches.includes(call))
      .map((call, index) => ({ call, id: `call_${named + index + 1}` }));
    named += calls.length;
    for (const { call, id } of calls) await offer(admission, native, call, id);
    const faults = admission.takeFaults();
    if (admission.admitted.size > 0)
      return {
        kind: 'steps',
        steps: admission.specs(),
        repairs: tries,
        intent: phase.record.request.question.slice(0, 1000),
        refused: admission.refused(),
      };
    if (tries >= REPAIRS)
      return {
        kind: 'nothing',
        why: 'none of its calls could be made',
        reachable: true,
        refused: admission.refused(),
        repairs: tries,
      };
    messages.push({ role: 'assistant', content: null, tool_calls: calls.map(({ call }) => call) });
    for (const { call, id } of calls) {
      const own = faults.filter(({ step }) => step === id);
      const told = (own.length > 0 ? own : faults).map(formatFault);
      const refused = deps.prompts.render('rounds-refused', { faults: told });
      if (!labels.includes(refused.label)) labels.push(refused.label);
      messages.push({ role: 'tool', tool_call_id: call.id, content: refused.text });
    }
    tries += 1;
  }
}

/** The tools that the question names and those that earlier rounds found or called, in any case; and of the others the best that fit, as long as they are told natively. */
async function shownIn({ view, acting, deps }: Planning): Promise<ToolManifest[]> {
  const shown = new Set([...view.named, ...view.known].slice(0, MOST_NATIVE));
  let left = deps.toolTokens * NATIVE_STAGES - (await nativeTokens([...shown]));
  for (const tool of view.ranked) {
    if (shown.size === MOST_NATIVE) break;
    if (shown.has(tool)) continue;
    const tokens = await nativeTokens([tool]);
    if (tokens > left) continue;
    left -= tokens;
    shown.add(tool);
  }
  // As they always stand: providers keep the beginning of a prompt that does not change.
  return acting.tools.filter((tool) => shown.has(tool));
}

/** What the searches find goes into the conversation; the tools may be called from then on. */
async function answerSearches(
  search: ToolSearch,
  calls: ToolCall[],
  messages: ChatMessage[],
): Promise<ToolManifest[]> {
  messages.push({ role: 'assistant', content: null, tool_calls: calls });
  const found: ToolManifest[] = [];
  for (const call of calls) {
    const { text, tools } = await search.run(call.arguments);
    messages.push({ role: 'tool', tool_call_id: call.id, content: text });
    found.push(...tools);
  }
  return found;
}

async function answered({ teller, finish }: RoundReply, repairs: number): Promise<Planned> {
  const text = await teller.complete();
  if (text === '')
    return { kind: 'nothing', why: 'the model gave an empty answer', reachable: true, refused: [], repairs };
  return { kind: 'answer', text, finish, told: true };
}

async function openingOf(
  { phase, acting, catalog, view, conversation, deps }: Planning,
  isLast: boolean,
): Promise<{ messages: ChatMessage[]; labels: string[] }> {
  const { prompts } = deps;
  // Without a tool nothing can be asked of what the sources hold.
  const told = acting.tools.length === 0 ? { text: '', label: '' } : catalog;
  const standing = prompts.render('rounds', { agent: acting.told.text.trim(), catalog: told.text });
  const system = systemMessage(standing, { phase, view, deps });
  const evidence = await readEvidence(phase, deps);
  const values = new Map(evidence.map(({ step, value }) => [step.id, value]));
  const charsEach = (EVIDENCE_TOKENS * CHARS_PER_TOKEN) / Math.max(1, values.size);
  const messages: ChatMessage[] = [
    system.message,
    ...conversation.messages,
    ...roundsSoFar(phase.steps, values, charsEach),
  ];
  const labels = [`${system.label}${told.label}${conversation.label}`, acting.told.label];
  const say = (name: string, values: Record<string, string | string[]>) => {
    const said = prompts.render(name, values);
    labels.push(said.label);
    messages.push({ role: 'user', content: said.text });
  };
  if (phase.note) say('rounds-refused', { faults: phase.note.split('\n') });
  if (isLast) say('rounds-conclude', { reason: 'limit: rounds' });
  return { messages, labels };
}

interface RoundReply {
  teller: AnswerTeller;
  calls: ToolCall[];
  finish: FinishReason;
  failure: ModelError | null;
}

async function ask(
  { phase, model, acting, planner }: Planning,
  native: NativeTools,
  search: ToolSearch | null,
  { messages, label, isLast }: { messages: ChatMessage[]; label: string; isLast: boolean },
): Promise<RoundReply> {
  const request: ChatRequest = { messages };
  const tools = search ? [...native.specs, search.spec] : native.specs;
  if (tools.length > 0) {
    request.tools = tools;
    // Some providers take a conversation with calls in it only where the tools are named.
    if (isLast) request.tool_choice = 'none';
  }
  const isAnswer = isLast || tools.length === 0;
  // Of a plan of all steps followers expect an answer that stays.
  const held = phase.strategy === 'rounds' ? HELD_BACK : Number.POSITIVE_INFINITY;
  const teller = createAnswerTeller(phase, isAnswer ? 0 : held);
  const calls: ToolCall[] = [];
  let finish: FinishReason = 'stop';
  const call = { purpose: 'plan' as const, prompt: label, model: acting.agent.models.plan ?? planner };
  try {
    for await (const event of askModel(phase, model, request, call)) {
      if (event.type === 'tool_call' && !isAnswer) calls.push(event.call);
      if (event.type === 'finish') finish = event.reason;
      if (event.type === 'text' && calls.length === 0) await teller.push(event.text);
    }
    return { teller, calls, finish, failure: null };
  } catch (error) {
    phase.signal.throwIfAborted();
    if (!(error instanceof ModelError)) throw error;
    return { teller, calls, finish, failure: error };
  }
}

/** A call as a step: its arguments hold no references, whatever they look like. */
async function offer(admission: Admission, native: NativeTools, call: ToolCall, id: string): Promise<void> {
  const tool = native.toolOf(call.name)?.name ?? call.name;
  await admission.offer({ id, tool, args: literal(JSON.parse(call.arguments || '{}')) });
}

/** Calls are numbered through all rounds of a run: a step takes the place of an earlier one of its name. */
function lastNamed({ steps, refused }: PlanningPhase): number {
  const names = [...steps.map(({ spec }) => spec.id), ...refused.map(({ step }) => step)];
  return Math.max(0, ...names.map((name) => Number(/^call_(\d{1,6})(?:__|$)/.exec(name)?.[1] ?? 0)));
}

/** `${` as it is written, not as the beginning of a reference. */
function literal(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('${', () => '$${');
  if (Array.isArray(value)) return value.map(literal);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value as JsonObject).map(([key, item]) => [key, literal(item)]));
}
