import { createHash } from 'node:crypto';
import {
  type Caller,
  type CreateRunRequest,
  canonicalJson,
  type Message,
  newConversationId,
  newRunId,
  PlanyardError,
  type RunId,
  RunOptions,
  type RunRecord,
  type RunRequest,
} from '@planyard/contracts';
import { createKeys, type Engine } from '@planyard/engine';
import type { PromptRegistry } from '@planyard/planning';
import type { Logger } from '@planyard/runtime';
import { type Executor, findConversation, insertAccepted } from '@planyard/store';
import { within } from '../http/within.ts';
import { refuseUnknownNames } from './refuse-unknown-names.ts';

export interface AcceptRunDeps {
  db: Executor;
  prompts: Pick<PromptRegistry, 'list' | 'agents' | 'blueprints'>;
  engine: Pick<Engine, 'openRuns' | 'submitRun'>;
  now: () => number;
  settings: { namespace: string; partitions: number; maxOpenRuns: number };
}

export interface AcceptedRun {
  run: RunRecord;
  /** The same idempotency key made this run before. */
  replayed: boolean;
}

/** Milliseconds for Postgres; a commit that comes later is an accepted run all the same, and an idempotency key finds it. */
const commitPatience = 10_000;

/** Milliseconds for Redis, before the commit and after it. */
const submitPatience = 3_000;

/**
 * Acknowledges a run: refuses at the cap on open runs, writes it to Postgres, hands it to the engine. From the commit on
 * the run is accepted whatever Redis does next: the reconciler submits what the engine did not get.
 */
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
    log: Logger;
  },
): Promise<AcceptedRun> {
  const { body, caller, log } = request;
  const now = deps.now();
  refusePastDeadline(body, now);
  refuseUnknownNames(body, deps.prompts);
  if ((await within(submitPatience, 'Redis', deps.engine.openRuns())) >= deps.settings.maxOpenRuns)
    throw new PlanyardError('overloaded', `${deps.settings.maxOpenRuns} runs are open`, { retryAfter: 5 });

  await requireConversation(deps, caller, body);
  const run = runOf(body, caller, request.requestId, now, createKeys(deps.settings).partitionOf);
  run.request.composition = request.composition ?? null;
  if (request.converse) run.request.conversation_id ??= newConversationId(now);
  const idempotency =
    request.idempotencyKey === undefined
      ? null
      : { key: request.idempotencyKey, body_hash: hashOf({ ...body, composition: request.composition }) };
  const accepted = await within(commitPatience, 'Postgres', insertAccepted(deps.db, run, idempotency));
  if (accepted.kind === 'mismatch') throw new PlanyardError('idempotency_mismatch');
  if (accepted.kind === 'existing') return { run: accepted.run.record, replayed: true };

  try {
    await within(submitPatience, 'Redis', deps.engine.submitRun(run));
  } catch (error) {
    log.warn({ err: error, run_id: run.id }, 'the run is accepted but not submitted; the reconciler will');
  }
  return { run, replayed: false };
}

/** The record of a new run. */
function runOf(
  body: CreateRunRequest,
  caller: Caller,
  requestId: string,
  nowMs: number,
  partitionOf: (id: RunId) => number,
): RunRecord {
  const id = newRunId(nowMs);
  return {
    id,
    incarnation: 1,
    partition: partitionOf(id),
    caller: { tenant: caller.tenant, user: caller.user, key_id: caller.key_id },
    request_id: requestId,
    request: {
      question: body.question ?? lastQuestion(body.messages ?? []),
      messages: body.messages ?? [],
      agent: body.agent ?? null,
      blueprint: body.blueprint ?? null,
      conversation_id: body.conversation_id ?? null,
      composition: null,
      budget: body.budget ?? {},
      deadline: body.deadline ?? null,
      options: RunOptions.parse(body.options ?? {}),
      tags: body.tags ?? [],
    },
    status: 'accepted',
    created_at: new Date(nowMs).toISOString(),
  };
}

/** The text of the last message, which must be the user's: it is what the run answers. */
function lastQuestion(messages: Message[]): string {
  const last = messages.at(-1);
  const text =
    typeof last?.content === 'string'
      ? last.content
      : (last?.content ?? []).flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
  if (last?.role === 'user' && text.trim() !== '') return text.trim();
  const errors = [{ path: `messages[${messages.length - 1}]`, message: 'must be a user message with text' }];
  throw new PlanyardError('invalid_request', 'The last message must be the question of a user', { errors });
}

function refusePastDeadline(body: CreateRunRequest, nowMs: number): void {
  if (body.deadline === undefined || Date.parse(body.deadline) > nowMs) return;
  const errors = [{ path: 'deadline', message: 'lies in the past' }];
  throw new PlanyardError('invalid_request', 'deadline: lies in the past', { errors });
}

/** A conversation of another user is as one that never was. */
async function requireConversation(
  { db }: Pick<AcceptRunDeps, 'db'>,
  caller: Caller,
  { conversation_id }: CreateRunRequest,
): Promise<void> {
  if (conversation_id === undefined) return;
  const found = await within(commitPatience, 'Postgres', findConversation(db, caller, conversation_id));
  if (!found) throw new PlanyardError('not_found', `There is no conversation ${conversation_id}`);
}

function hashOf(body: object): string {
  return createHash('sha256')
    .update(canonicalJson(JSON.parse(JSON.stringify(body))))
    .digest('hex');
}
