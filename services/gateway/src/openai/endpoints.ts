import type { RecordCall } from './call-of.ts';
import { chatCompletions } from './chat/chat-completions.ts';
import { embeddings } from './embeddings.ts';
import type { ModelCallLog } from './model-call-log.ts';
import { type ModelListDeps, modelList } from './model-list.ts';
import type { Endpoint } from './openai-api.ts';

/** Every path of the OpenAI-compatible API. */
export function openAiEndpoints(deps: ModelListDeps & { calls: ModelCallLog }): Endpoint[] {
  const record: RecordCall = ({ principal, options }, call) => {
    const caller = { tenant: principal.tenant, user: principal.user, key_id: principal.key_id };
    deps.calls.add({ run: null, caller, tags: options.tags, call });
  };
  const asking = { ...deps, record };
  return [chatCompletions(asking), embeddings(asking), ...modelList(deps)];
}
