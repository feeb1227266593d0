import type { RunRecord } from '@planyard/contracts';
import type { JoiningPhase, Phase } from '@planyard/engine';
import { type ChatMessage, requestTokens } from '@planyard/llm';
import type { PlannerDeps, PlannerModel } from '../deps.ts';
import { fromMemory } from '../from-memory.ts';
import { askModel, isUnanswered } from './ask-model.ts';

/** What earlier turns may take of a prompt. */
const HISTORY_TOKENS = 6_000;
/** What is left of it when they are summed up, so that not each turn sums up anew. */
const KEPT_TOKENS = 3_000;

/** What a request's own messages may take besides the question: nobody sums them up. */
const SAID_TOKENS = 24_000;

/** What one call sums up of what was said: the newest of it. */
const SUMMED_TOKENS = 12_000;

/** An earlier question with its answer. */
interface Turn {
  run_id: string;
  question: string;
  answer: string;
}

/** Where the earlier turns of a run's conversation lie. */
export interface ConversationStore {
  /** The summary so far, and the turns that it does not stand for, oldest first. */
  read(record: RunRecord): Promise<{ summary: string | null; turns: Turn[] }>;
  /** `before`: the summary that it goes on from; where there is another one by now, nothing is kept. */
  keepSummary(
    record: RunRecord,
    kept: { summary: string; before: string | null; turns: string[] },
  ): Promise<void>;
}

export interface Conversation {
  /** What the user and the assistant have said, the question last. */
  messages: ChatMessage[];
  /** Nothing was said before the question: it means the same to every run. */
  alone: boolean;
}

/** What was said up to a run's question. Turns over a budget of tokens are summed up, once for all later runs. */
export async function conversationOf(
  phase: Phase | JoiningPhase,
  model: PlannerModel,
  deps: PlannerDeps,
): Promise<Conversation> {
  const { record } = phase;
  const { said, alone } = await saidIn(record);
  if (record.request.conversation_id === null) return { messages: said, alone };
  const before = await fromMemory(phase, deps, 'the conversation could not be read', () =>
    deps.conversations.read(record),
  );
  if (before === null) return { messages: said, alone: false };
  let { summary, turns } = before;
  const kept = await newestWithin(turns, HISTORY_TOKENS, messagesOf);
  if (kept.length < turns.length) {
    turns = await newestWithin(turns, KEPT_TOKENS, messagesOf);
    const old = before.turns.slice(0, before.turns.length - turns.length);
    // After the deadline there is time for the answer alone.
    if (!('must_conclude' in phase) || phase.must_conclude !== 'deadline')
      summary = await sumUp(phase, model, summary, old, deps);
  }
  return {
    messages: [...toldSummary(summary, deps), ...turns.flatMap(messagesOf), ...said],
    alone: alone && before.summary === null && before.turns.length === 0,
  };
}

/** What a run's own request says: the question, and the newest of what it gives before it. */
async function saidIn({ request }: RunRecord): Promise<{ said: ChatMessage[]; alone: boolean }> {
  const given = request.messages.filter((message) => message.role !== 'system');
  const last = given.at(-1);
  const asked = last?.role === 'user' && textOf(last.content).trim() === request.question;
  const question: ChatMessage = asked ? last : { role: 'user', content: request.question };
  const before = asked ? given.slice(0, -1) : given;
  const kept = await newestWithin(before, SAID_TOKENS, (message) => [message]);
  // An answer whose question is cut off is none; some providers take no conversation that begins with one.
  const first = kept === before ? 0 : kept.findIndex(({ role }) => role === 'user');
  return { said: [...(first < 0 ? [] : kept.slice(first)), question], alone: before.length === 0 };
}

async function newestWithin<T>(
  items: T[],
  tokens: number,
  messagesIn: (item: T) => ChatMessage[],
): Promise<T[]> {
  let left = tokens;
  for (let at = items.length - 1; at >= 0; at -= 1) {
    left -= await requestTokens({ messages: messagesIn(items[at] as T) });
    if (left < 0) return items.slice(at + 1);
  }
  return items;
}

/** The old turns in a few sentences; without a model's help they are left out. */
async function sumUp(
  phase: Phase,
  model: PlannerModel,
  before: string | null,
  old: Turn[],
  deps: PlannerDeps,
): Promise<string | null> {
  const lines = (await newestWithin(old, SUMMED_TOKENS, messagesOf)).map(
    ({ question, answer }) => `user: ${question}\nassistant: ${answer}`,
  );
  const prompt = deps.prompts.render('summary', { said: [before ?? '', ...lines].join('\n\n').trim() });
  try {
    let summary = '';
    const messages: ChatMessage[] = [{ role: 'user', content: prompt.text }];
    for await (const event of askModel(
      phase,
      model,
      { messages },
      { purpose: 'summary', prompt: prompt.label },
    ))
      if (event.type === 'text') summary += event.text;
    if (summary.trim() !== '')
      await fromMemory(phase, deps, 'the summary of the conversation could not be kept', () =>
        deps.conversations.keepSummary(phase.record, {
          summary: summary.trim(),
          before,
          turns: old.map(({ run_id }) => run_id),
        }),
      );
    return summary.trim() || before;
  } catch (error) {
    phase.signal.throwIfAborted();
    if (!isUnanswered(error)) throw error;
    deps.log.warn({ err: error }, 'a conversation could not be summed up: its old turns are left out');
    return before;
  }
}

function toldSummary(summary: string | null, deps: PlannerDeps): ChatMessage[] {
  if (summary === null) return [];
  const told = deps.prompts.render('summary-so-far', { summary });
  return [{ role: 'user', content: told.text }];
}

function messagesOf({ question, answer }: Turn): ChatMessage[] {
  return [
    { role: 'user', content: question },
    { role: 'assistant', content: answer },
  ];
}

function textOf(content: RunRecord['request']['messages'][number]['content']): string {
  if (typeof content === 'string') return content;
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}
