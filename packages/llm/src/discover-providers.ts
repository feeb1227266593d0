import { z } from 'zod';
import type { Provider } from './contract.ts';
import { ModelError } from './model-error.ts';
import type { ModelName } from './model-name.ts';
import { createAnthropic } from './providers/anthropic/provider.ts';
import { createBedrock } from './providers/bedrock/provider.ts';
import type { ConnectionOptions } from './providers/connection.ts';
import { defined } from './providers/defined.ts';
import { createOllama } from './providers/ollama/provider.ts';
import { createOpenAiCompatible } from './providers/openai-compatible/provider.ts';

/** The environment's settings of model providers; an empty variable counts as unset. Bedrock's credentials are found by AWS's own chain. */
export const ProviderEnv = z.object({
  PLANYARD_CONFIG: setting(),
  PLANYARD_MODEL: setting(),
  OPENAI_API_KEY: setting(),
  OPENAI_BASE_URL: setting(),
  ANTHROPIC_API_KEY: setting(),
  ANTHROPIC_BASE_URL: setting(),
  OPENROUTER_API_KEY: setting(),
  OPENROUTER_BASE_URL: setting(),
  VLLM_BASE_URL: setting(),
  VLLM_API_KEY: setting(),
  PLANYARD_BEDROCK_REGION: setting(),
  PLANYARD_BEDROCK_ENDPOINT: setting(),
  OLLAMA_BASE_URL: setting(),
  OLLAMA_KEEP_ALIVE: setting(),
});
export type ProviderEnv = z.infer<typeof ProviderEnv>;

/** A provider that is configured or was found on this machine. */
export interface FoundProvider {
  name: string;
  base_url: string;
  /** The variable that configures it, or `localhost`. */
  source: string;
  create: (connection: ConnectionOptions) => Provider;
  /** The model to ask where none is chosen; without it the first that is listed and fits. */
  usual_model?: string;
}

const OPENAI_URL = 'https://api.openai.com/v1';
const ANTHROPIC_URL = 'https://api.anthropic.com';
const OPENROUTER_URL = 'https://openrouter.ai/api/v1';
const OLLAMA_URL = 'http://localhost:11434';
const PROBE_MS = 500;
/** They embed, rank, draw or speak: none of them can plan. */
const NO_CHAT = /embed|rerank|image|canvas|reel|sonic|whisper|tts|moderation/i;

/** Finds the providers that the environment names, and an Ollama with at least one model on this machine. */
export async function discoverProviders(
  env: Readonly<Record<string, unknown>>,
  fetch: typeof globalThis.fetch,
): Promise<FoundProvider[]> {
  const settings = ProviderEnv.parse(env);
  return [
    ...openAiProtocol(settings),
    ...anthropic(settings),
    ...bedrock(settings),
    ...(await ollama(settings, fetch)),
  ];
}

function setting() {
  return z
    .string()
    .trim()
    .optional()
    .transform((text) => text || undefined);
}

function openAiProtocol(settings: ProviderEnv): FoundProvider[] {
  const found: FoundProvider[] = [];
  const add = (name: string, source: string, base_url: string, api_key?: string, usual_model?: string) =>
    found.push({
      name,
      base_url,
      source,
      create: (connection) =>
        createOpenAiCompatible({ name, base_url, api_key: api_key ?? null, ...connection }),
      ...defined({ usual_model }),
    });
  const { OPENAI_API_KEY: key, OPENAI_BASE_URL: url } = settings;
  if (key || url)
    add(
      'openai',
      key ? 'OPENAI_API_KEY' : 'OPENAI_BASE_URL',
      url ?? OPENAI_URL,
      key,
      url ? undefined : 'gpt-5-mini',
    );
  if (settings.OPENROUTER_API_KEY)
    add(
      'openrouter',
      'OPENROUTER_API_KEY',
      settings.OPENROUTER_BASE_URL ?? OPENROUTER_URL,
      settings.OPENROUTER_API_KEY,
      settings.OPENROUTER_BASE_URL ? undefined : 'openai/gpt-5-mini',
    );
  if (settings.VLLM_BASE_URL) add('vllm', 'VLLM_BASE_URL', settings.VLLM_BASE_URL, settings.VLLM_API_KEY);
  return found;
}

function anthropic({ ANTHROPIC_API_KEY: api_key, ANTHROPIC_BASE_URL: url }: ProviderEnv): FoundProvider[] {
  if (!api_key) return [];
  const base_url = url ?? ANTHROPIC_URL;
  return [
    {
      name: 'anthropic',
      base_url,
      source: 'ANTHROPIC_API_KEY',
      create: (connection) => createAnthropic({ name: 'anthropic', base_url, api_key, ...connection }),
      ...(url ? {} : { usual_model: 'claude-haiku-4-5' }),
    },
  ];
}

function bedrock(settings: ProviderEnv): FoundProvider[] {
  const { PLANYARD_BEDROCK_REGION: region, PLANYARD_BEDROCK_ENDPOINT: endpoint } = settings;
  if (!region) return [];
  return [
    {
      name: 'bedrock',
      base_url: endpoint ?? `https://bedrock-runtime.${region}.amazonaws.com`,
      source: 'PLANYARD_BEDROCK_REGION',
      create: (connection) =>
        createBedrock({ name: 'bedrock', region, ...defined({ endpoint }), ...connection }),
      ...(endpoint ? {} : { usual_model: `${profileArea(region)}.amazon.nova-lite-v1:0` }),
    },
  ];
}

/** Most models are to be had through the inference profile of a part of the world only. */
function profileArea(region: string): string {
  const area = region.split('-')[0] ?? '';
  return area === 'ap' ? 'apac' : area;
}

async function ollama(settings: ProviderEnv, fetch: typeof globalThis.fetch): Promise<FoundProvider[]> {
  const { OLLAMA_BASE_URL: url, OLLAMA_KEEP_ALIVE: keep_alive } = settings;
  // Some write the path of its OpenAI-compatible API, which is not the one that is spoken.
  const base_url = (url ?? OLLAMA_URL).replace(/(\/v1)?\/*$/, '');
  if (!url && !(await hasModels(base_url, fetch))) return [];
  const options = { name: 'ollama', base_url, ...defined({ keep_alive }) };
  return [
    {
      name: 'ollama',
      base_url,
      source: url ? 'OLLAMA_BASE_URL' : 'localhost',
      create: (connection) => createOllama({ ...options, ...connection }),
    },
  ];
}

/** The model to ask where none is chosen: the first provider's usual one, else the first it lists that can chat. Throws `ModelError` when it cannot be asked. */
export async function usualModel(
  providers: Provider[],
  found: FoundProvider[],
  signal: AbortSignal,
): Promise<ModelName> {
  const [first] = providers;
  if (!first) throw new ModelError('connection', 'no model provider is configured');
  const usual = found.find((each) => each.name === first.name)?.usual_model;
  if (usual) return { provider: first.name, model: usual };
  const model = (await first.models(signal)).find((id) => !NO_CHAT.test(id));
  if (!model) throw new ModelError('bad_reply', `${first.name} offers no model that can chat`);
  return { provider: first.name, model };
}

/** Whether an Ollama answers there that has a model: one without can answer nothing. */
async function hasModels(baseUrl: string, fetch: typeof globalThis.fetch): Promise<boolean> {
  try {
    const reply = await fetch(`${baseUrl}/api/tags`, { signal: AbortSignal.timeout(PROBE_MS) });
    const body = z.object({ models: z.array(z.unknown()) }).safeParse(await reply.json());
    return reply.ok && body.success && body.data.models.length > 0;
  } catch {
    return false;
  }
}
