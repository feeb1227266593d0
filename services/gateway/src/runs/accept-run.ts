import {
  type Caller,
  type CreateRunRequest,
  LIMITS,
  type Message,
  newConversationId,
  PlanyardError,
  RunOptions,
  type RunRequest,
  type ScheduleId,
} from '@planyard/contracts';
import type { PromptRegistry } from '@planyard/planning';
import type { Logger } from '@planyard/runtime';
import { findConversation } from '@planyard/store';
import { within } from '../http/within.ts';
import { type AcceptedRun, type CommitRunDeps, commitRun } from './commit-run.ts';
import { refuseUnknownNames } from './refuse-unknown-names.ts';

export interface AcceptRunDeps extends CommitRunDeps {
  prompts: Pick<PromptRegistry, 'list' | 'agents' | 'blueprints'>;
}

/** Acknowledges a question: refuses what it names that is not there, and commits its run. */
export async function acceptRun(
  deps: AcceptRunDeps,
  request: {
    body: CreateRunRequest;
    caller: Caller;
    requestId: string;
    idempotencyKey: string | undefined;
    /** Begins a conversation where the body goes on with none. */
    converse?: boolean;
    /** What is run in place of a plan; the question only names it. */
    composition?: RunRequest['composition'];
    /** What asks. */
    scheduleId?: ScheduleId;
    /** What makes two requests with one idempotency key the same; the body, where nothing is said. */
    sameAs?: object;
    log: Logger;
  },
): Promise<AcceptedRun> {
  const { body, caller, log } = request;
  const makeRequest = async () => {
    const now = deps.now();
    refusePastDeadline(body, now);
    refuseUnknownNames(body, deps.prompts);
    await requireConversation(deps, caller, body);
    const asked = {
      ...requestOf(body),
      composition: request.composition ?? null,
      schedule_id: request.scheduleId ?? null,
    };
    if (request.converse) asked.conversation_id ??= newConversationId(now);
    return asked;
  };
  return await commitRun(deps, makeRequest, {
    caller,
    requestId: request.requestId,
    idempotencyKey: request.idempotencyKey,
    sameAs: request.sameAs ?? { ...body, composition: request.composition },
    log,
  });
}

function requestOf(body: CreateRunRequest): RunRequest {
  return {
    question: body.question ?? lastQuestion(body.messages ?? []),
    messages: body.messages ?? [],
    agent: body.agent ?? null,
    blueprint: body.blueprint ?? null,
    conversation_id: body.conversation_id ?? null,
    composition: null,
    rerun: null,
    schedule_id: null,
    budget: body.budget ?? {},
    deadline: body.deadline ?? null,
    options: RunOptions.parse(body.options ?? {}),
    tags: body.tags ?? [],
  };
}

/** The text of the last message, which must be the user's: it is what the run answers. */
function lastQuestion(messages: Message[]): string {
  const last = messages.at(-1);
  const text =
    typeof last?.content === 'string'
      ? last.content
      : (last?.content ?? []).flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
  const path = `messages[${messages.length - 1}]`;
  const question = text.trim();
  if (last?.role !== 'user' || question === '') {
    const errors = [{ path, message: 'must be a user message with text' }];
    throw new PlanyardError('invalid_request', 'The last message must be the question of a user', { errors });
  }
  if (question.length > LIMITS.question_chars) {
    const message = `a question may have ${LIMITS.question_chars.toLocaleString('en')} characters`;
    const errors = [{ path: `${path}.content`, message }];
    throw new PlanyardError('invalid_request', `${path}.content: ${message}`, { errors });
  }
  return question;
}

function refusePastDeadline(body: CreateRunRequest, nowMs: number): void {
  if (body.deadline === undefined || Date.parse(body.deadline) > nowMs) return;
  const errors = [{ path: 'deadline', message: 'lies in the past' }];
  throw new PlanyardError('invalid_request', 'deadline: lies in the past', { errors });
}

/** A conversation of another user is as one that never was. */
async function requireConversation(
  { db }: Pick<CommitRunDeps, 'db'>,
  caller: Caller,
  { conversation_id }: CreateRunRequest,
): Promise<void> {
  if (conversation_id === undefined) return;
  const found = await within(10_000, 'Postgres', findConversation(db, caller, conversation_id));
  if (!found) throw new PlanyardError('not_found', `There is no conversation ${conversation_id}`);
}
