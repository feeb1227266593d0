import type { RunRecord } from '@planyard/contracts';
import type { JoiningPhase, Phase } from '@planyard/engine';
import { type ChatMessage, requestTokens } from '@planyard/llm';
import type { Turn } from '../conversation-store.ts';
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
/** What of a question, and of an answer, is summed up: any one turn fits. */
const SUMMED_CHARS = 5_000;

export interface Conversation {
  /** What the user and the assistant have said, the question last. */
  messages: ChatMessage[];
  /** The prompt that tells the summary, with a space before it; empty where there is none. */
  label: string;
  /** The question is text, and nothing was said before it: it means the same to every run. */
  alone: boolean;
}

/** What is known of a conversation. */
export interface Said {
  summary: string | null;
  /** That the summary does not stand for, oldest first. */
  turns: Turn[];
  /** What the run's own request says, the question last. */
  own: ChatMessage[];
  alone: boolean;
}

/** What was said up to a run's question. */
export async function readSaid(phase: Phase, deps: PlannerDeps): Promise<Said> {
  const { record } = phase;
  const { own, alone } = await ownOf(record);
  if (record.request.conversation_id === null) return { summary: null, turns: [], own, alone };
  const before = await fromMemory(phase, deps, 'the conversation could not be read', () =>
    deps.conversations.read(record),
  );
  if (before === null) return { summary: null, turns: [], own, alone: false };
  return { ...before, own, alone: alone && before.summary === null && before.turns.length === 0 };
}

/** The conversation with its newest turns alone: what a supervisor decides by, before there is an agent whose model sums up. */
export async function newestOf(said: Said, deps: Pick<PlannerDeps, 'prompts'>): Promise<Conversation> {
  return told({ ...said, turns: await newestWithin(said.turns, HISTORY_TOKENS, messagesOf) }, deps);
}

/** The conversation; turns over a budget of tokens are summed up by the model that plans or joins, once for all later runs. */
export async function summedUp(
  phase: Phase | JoiningPhase,
  said: Said,
  { model, planner, deps }: { model: PlannerModel; planner: string; deps: PlannerDeps },
): Promise<Conversation> {
  const kept = await newestWithin(said.turns, HISTORY_TOKENS, messagesOf);
  if (kept.length === said.turns.length) return told(said, deps);
  const turns = await newestWithin(said.turns, KEPT_TOKENS, messagesOf);
  const old = said.turns.slice(0, said.turns.length - turns.length);
  // After the deadline there is time for the answer alone.
  const isLate = 'must_conclude' in phase && phase.must_conclude === 'deadline';
  const summary = isLate ? said.summary : await sumUp(phase, said.summary, old, { model, planner, deps });
  return told({ ...said, summary, turns }, deps);
}

function told({ summary, turns, own, alone }: Said, { prompts }: Pick<PlannerDeps, 'prompts'>): Conversation {
  const soFar = summary === null ? null : prompts.render('summary-so-far', { summary });
  return {
    messages: [
      ...(soFar ? [{ role: 'user' as const, content: soFar.text }] : []),
      ...turns.flatMap(messagesOf),
      ...own,
    ],
    label: soFar ? ` ${soFar.label}` : '',
    alone,
  };
}

/** The question, and the newest of what a request gives before it. */
async function ownOf({ request }: RunRecord): Promise<Pick<Said, 'own' | 'alone'>> {
  const given = request.messages.filter((message) => message.role !== 'system');
  const last = given.at(-1);
  const asked = last?.role === 'user' && textOf(last.content).trim() === request.question;
  const question: ChatMessage = asked ? last : { role: 'user', content: request.question };
  const before = asked ? given.slice(0, -1) : given;
  const kept = await newestWithin(before, SAID_TOKENS, (message) => [message]);
  // An answer whose question is cut off is none; some providers take no conversation that begins with one.
  const first = kept === before ? 0 : kept.findIndex(({ role }) => role === 'user');
  const own = [...(first < 0 ? [] : kept.slice(first)), question];
  return { own, alone: before.length === 0 && isText(question) };
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
  before: string | null,
  old: Turn[],
  { model, planner, deps }: { model: PlannerModel; planner: string; deps: PlannerDeps },
): Promise<string | null> {
  const cut = old.map(({ question, answer, ...turn }) => ({
    ...turn,
    question: question.slice(0, SUMMED_CHARS),
    answer: answer.slice(0, SUMMED_CHARS),
  }));
  const lines = (await newestWithin(cut, SUMMED_TOKENS, messagesOf)).map(
    ({ question, answer }) => `user: ${question}\nassistant: ${answer}`,
  );
  const prompt = deps.prompts.render('summary', { said: [before ?? '', ...lines].join('\n\n').trim() });
  try {
    let summary = '';
    const messages: ChatMessage[] = [{ role: 'user', content: prompt.text }];
    const call = { purpose: 'summary' as const, prompt: prompt.label, model: planner };
    for await (const event of askModel(phase, model, { messages }, call))
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

function messagesOf({ question, answer }: Turn): ChatMessage[] {
  return [
    { role: 'user', content: question },
    { role: 'assistant', content: answer },
  ];
}

function isText({ content }: ChatMessage): boolean {
  return typeof content === 'string' || (content ?? []).every((part) => part.type === 'text');
}

function textOf(content: RunRecord['request']['messages'][number]['content']): string {
  if (typeof content === 'string') return content;
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}
