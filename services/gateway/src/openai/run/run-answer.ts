import { CreateRunRequest, PlanyardError, type RunEvent, Usage } from '@planyard/contracts';
import type { ChatEvent, ChatRequest } from '@planyard/llm';
import { requireScope } from '../../auth/principal.ts';
import { userSubject } from '../../auth/rate-limit.ts';
import type { GatewayDeps } from '../../deps.ts';
import { parseOr } from '../../http/route.ts';
import { acceptRun } from '../../runs/accept-run.ts';
import { readRunResponse } from '../../runs/find-run.ts';
import { runEvents } from '../../runs/run-events.ts';
import type { Exchange } from '../exchange.ts';
import { requireRoom } from '../limit-headers.ts';

/** What an answer consists of: a model's events, and where a run gives it, what the run did. */
export type AnswerEvent = ChatEvent | { type: 'run'; run: RunProgress };

/** The extension field `planyard` of a chunk or a completion. */
export interface RunProgress {
  run_id: string;
  /** A step's event as `GET /v1/runs/{id}/events` tells it. */
  event?: Pick<RunEvent, 'number' | 'type' | 'data'>;
  /** At the end. */
  status?: string;
  missing?: string[];
  citations?: unknown[];
  steps?: unknown[];
}

/** Headers that a run has no use for. */
const MODEL_TIMES = [
  ['X-Planyard-Connect-Timeout-Ms', 'connect_ms'],
  ['X-Planyard-First-Token-Timeout-Ms', 'first_token_ms'],
  ['X-Planyard-Idle-Timeout-Ms', 'between_tokens_ms'],
] as const;

export type AskRun = (
  exchange: Exchange,
  agent: string | null,
  request: ChatRequest,
) => AsyncIterable<AnswerEvent>;

/** The agent that a model's name stands for: null for `planyard`, undefined where it is no run. */
export function agentOf(model: string): string | null | undefined {
  if (model === 'planyard') return null;
  return model.startsWith('planyard/') ? model.slice('planyard/'.length) : undefined;
}

/** Without what only a chat completion has a place for. */
export async function* modelEvents(events: AsyncIterable<AnswerEvent>): AsyncIterable<ChatEvent> {
  for await (const event of events) if (event.type !== 'run') yield event;
}

/**
 * A whole run as an answer. Its text is streamed as the joiner writes it. In rounds, where text may turn out to introduce calls,
 * it is passed on at the end. A joiner that begins anew after text was passed on
 * is `answer_restarted`, since nothing can be taken back. A caller who leaves cancels the run.
 */
export function createAskRun(
  deps: Pick<GatewayDeps, 'db' | 'engine' | 'now' | 'settings' | 'prompts' | 'rateLimit'>,
): AskRun {
  return async function* askRun(exchange, agent, request) {
    requireScope(exchange.principal, 'runs:write');
    const to = addresseeOf(agent, deps.prompts);
    const { principal, requestId, options, log, signal } = exchange;
    const counted = await deps.rateLimit.count(userSubject(principal));
    requireRoom(exchange.headers, counted, deps.now());
    const asked = toRun(request, to, exchange);
    const { run } = await acceptRun(deps, {
      body: { ...asked, ...deadlineOf(exchange, deps.now()) },
      caller: principal,
      requestId,
      idempotencyKey: options.idempotencyKey ?? undefined,
      // A repeated request has the same time to take, and so another deadline.
      sameAs: asked,
      log,
    });
    const run_id = run.id;
    const address = { tenant: principal.tenant, id: run_id };
    let told = '';
    let inRounds = false;
    let ended = false;
    try {
      yield { type: 'run', run: { run_id } };
      for await (const event of runEvents(deps, address, 0, signal)) {
        if (event.type === 'answer.started' && told !== '') throw restarted();
        inRounds ||= beginsRounds(event, deps.prompts);
        if (event.type === 'answer.delta' && !inRounds) {
          told += event.data.text;
          yield { type: 'text', text: event.data.text };
        }
        if (event.type.startsWith('step.') || event.type === 'plan.sealed')
          yield {
            type: 'run',
            run: { run_id, event: { number: event.number, type: event.type, data: event.data } },
          };
      }
      signal.throwIfAborted();
      ended = true;
      yield* ending(deps, address, told);
    } finally {
      // With an idempotency key the caller may come back for it.
      if (!ended && options.idempotencyKey === null) await deps.engine.cancelRun(run_id);
    }
  };
}

/** Whether text from here on may be taken back: an agent of rounds plans, or planning failed and a model got the tools in rounds. */
function beginsRounds(event: RunEvent, prompts: GatewayDeps['prompts']): boolean {
  if (event.type === 'plan.sealed') return event.data.source === 'rounds' || event.data.source === 'broad';
  if (event.type !== 'plan.started') return false;
  const { agent } = event.data;
  return prompts.agents().some(({ name, strategy }) => name === agent && strategy === 'rounds');
}

/** Whom a name behind `planyard/` means: an agent, or a blueprint. Throws `unknown_model` for neither. */
function addresseeOf(
  name: string | null,
  prompts: GatewayDeps['prompts'],
): Pick<CreateRunRequest, 'agent' | 'blueprint'> {
  if (name === null) return {};
  if (prompts.agents().some((agent) => agent.name === name)) return { agent: name };
  if (prompts.blueprints().some((blueprint) => blueprint.name === name)) return { blueprint: name };
  throw new PlanyardError('unknown_model', `There is no agent "${name}"`);
}

async function* ending(
  deps: Pick<GatewayDeps, 'db' | 'engine' | 'now'>,
  { tenant, id }: { tenant: string; id: string },
  told: string,
): AsyncIterable<AnswerEvent> {
  const response = await readRunResponse(deps, tenant, id);
  const { answer, error, status, missing, citations, steps } = response;
  if (answer === null)
    throw new PlanyardError(error?.code ?? 'internal', error?.message ?? `The run ended as ${status}`);
  if (!answer.startsWith(told)) throw restarted();
  if (answer.length > told.length) yield { type: 'text', text: answer.slice(told.length) };
  yield { type: 'run', run: { run_id: id, status, missing, citations, steps } };
  const usage = Usage.parse({});
  for (const each of response.usage.models) {
    usage.input_tokens += each.usage.input_tokens;
    usage.output_tokens += each.usage.output_tokens;
    usage.cached_tokens += each.usage.cached_tokens;
    usage.cache_write_tokens += each.usage.cache_write_tokens;
    usage.reasoning_tokens += each.usage.reasoning_tokens;
  }
  yield { type: 'usage', usage };
  yield { type: 'finish', reason: 'stop' };
}

function restarted(): PlanyardError {
  return new PlanyardError('answer_restarted');
}

function toRun(
  request: ChatRequest,
  to: Pick<CreateRunRequest, 'agent' | 'blueprint'>,
  { options }: Exchange,
): CreateRunRequest {
  if (request.tools?.length || request.output)
    throw new PlanyardError('invalid_request', 'A run has tools of its own and answers in text', {
      errors: [
        { path: request.tools?.length ? 'tools' : 'response_format', message: 'not for planyard models' },
      ],
    });
  const [foreign] = request.foreign ?? [];
  if (foreign)
    throw new PlanyardError('invalid_request', `${foreign.path}: ${foreign.message}, which no run gives`, {
      errors: request.foreign ?? [],
    });
  if (Object.keys(options.timeouts).length > 0)
    throw new PlanyardError(
      'invalid_request',
      'The time limits of connections and tokens are those of a model, not of a run; it takes X-Planyard-Timeout-Ms',
      {
        errors: MODEL_TIMES.filter(([, name]) => options.timeouts[name]).map(([path]) => ({
          path,
          message: 'not for planyard models',
        })),
      },
    );
  return parseOr(
    'invalid_request',
    CreateRunRequest,
    {
      messages: request.messages.map(({ role, content }) => ({ role, content: withoutDetail(content) })),
      ...to,
      budget: options.budget,
      tags: options.tags,
    },
    '',
  );
}

function deadlineOf({ options }: Exchange, nowMs: number): Pick<CreateRunRequest, 'deadline'> {
  return options.timeoutMs === null ? {} : { deadline: new Date(nowMs + options.timeoutMs).toISOString() };
}

function withoutDetail(content: ChatRequest['messages'][number]['content']) {
  if (content === null || typeof content === 'string') return content ?? '';
  return content.map((part) => {
    if (part.type === 'text') return { type: part.type, text: part.text };
    return part.type === 'image_url'
      ? { type: part.type, image_url: { url: part.image_url.url } }
      : { type: part.type };
  });
}
