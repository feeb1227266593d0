import type { ModelCall } from '@planyard/contracts';
import { Registry } from 'prom-client';
import type { ChatEvent } from '../contract.ts';
import { createLlmMetrics } from '../metrics.ts';
import type { ChatCall } from '../model-call.ts';
import { createModels, type ModelsDeps } from '../models.ts';
import { createOpenAiCompatible } from '../providers/openai-compatible/provider.ts';
import { type ModelSettings, modelSettings } from '../settings.ts';
import { OUTPUT_TEXTS } from './output-texts.ts';

const SILENT = { info: () => undefined, warn: () => undefined };

/** Models of OpenAI-compatible servers, by the name that each provider gets, with what tests look at. */
export function openModels(
  servers: Record<string, { url: string }>,
  { native_output = true, ...given }: Partial<ModelSettings> & { native_output?: boolean } = {},
  deps: Partial<ModelsDeps> = {},
) {
  const registry = new Registry();
  const calls: ModelCall[] = [];
  const settings = modelSettings({
    providers: Object.entries(servers).map(([name, { url }]) => ({
      ...createOpenAiCompatible({
        name,
        base_url: url,
        api_key: 'sk-secret',
        // A busy machine takes its time for a hundred connections at once.
        connect_timeout_ms: 60_000,
      }),
      native_output: () => native_output,
    })),
    retries: { max_tries: 1, base_ms: 1, cap_ms: 5, max_wait_ms: 2000 },
    ...given,
  });
  const models = createModels({
    settings: () => settings,
    metrics: createLlmMetrics(registry),
    redis: null,
    cache: null,
    tracer: null,
    redact: (text) => text,
    texts: OUTPUT_TEXTS,
    log: SILENT,
    ...deps,
  });

  function chat(model: string, more: Partial<ChatCall> = {}): AsyncIterable<ChatEvent> {
    return models.chat({
      model,
      request: { messages: [{ role: 'user', content: 'hello' }] },
      caller: null,
      purpose: 'plan',
      agent: null,
      request_id: 'req-1',
      prompt: null,
      signal: new AbortController().signal,
      deadline_at: null,
      onCall: (call) => void calls.push(call),
      ...more,
    });
  }

  return {
    models,
    registry,
    calls,
    chat,
    /** The whole text of one reply. */
    async text(model: string, more: Partial<ChatCall> = {}): Promise<string> {
      let text = '';
      for await (const event of chat(model, more)) if (event.type === 'text') text += event.text;
      return text;
    },
  };
}
