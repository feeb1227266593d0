import type { GatewayDeps } from '../deps.ts';
import { createAskModel } from './ask-model.ts';
import type { RecordCall } from './call-of.ts';
import { chatCompletions } from './chat/chat-completions.ts';
import { embeddings } from './embeddings.ts';
import type { ModelCallLog } from './model-call-log.ts';
import { type ModelListDeps, modelList } from './model-list.ts';
import type { Endpoint } from './openai-api.ts';
import type { ResponseItems } from './responses/response-items.ts';
import { responses } from './responses/responses.ts';
import { createAskRun } from './run/run-answer.ts';

export interface OpenAiEndpointsDeps
  extends Omit<ModelListDeps, 'settings' | 'prompts'>,
    Pick<GatewayDeps, 'db' | 'engine' | 'settings' | 'prompts' | 'rateLimit'> {
  modelSettings: ModelListDeps['settings'];
  calls: ModelCallLog;
  items: ResponseItems;
}

/** Every path of the OpenAI-compatible API. */
export function openAiEndpoints(deps: OpenAiEndpointsDeps): Endpoint[] {
  const record: RecordCall = ({ principal, options }, call) => {
    const caller = { tenant: principal.tenant, user: principal.user, key_id: principal.key_id };
    deps.calls.add({ run: null, caller, tags: options.tags, call });
  };
  const asking = { models: deps.models, now: deps.now, record };
  const ask = createAskModel({ ...asking, askRun: createAskRun(deps) });
  return [
    chatCompletions({ ...asking, ask }),
    responses({ ask, items: deps.items, now: deps.now }),
    embeddings(asking),
    ...modelList({
      models: deps.models,
      prompts: deps.prompts,
      settings: deps.modelSettings,
      log: deps.log,
      now: deps.now,
    }),
  ];
}
