import { PlanyardError } from '@planyard/contracts';
import { z } from 'zod';
import { DEFAULT_TIMEOUTS } from './config/timeouts.ts';
import type { Provider } from './contract.ts';
import { ModelError } from './model-error.ts';
import { type ModelName, parseModelName } from './model-name.ts';
import { createOpenAiCompatible } from './providers/openai-compatible/provider.ts';

/** The environment's settings of model providers; an empty variable counts as unset. */
export const ProviderEnv = z.object({
  PLANYARD_MODEL: setting(),
  OPENAI_API_KEY: setting(),
  OPENAI_BASE_URL: setting(),
  OPENROUTER_API_KEY: setting(),
  OPENROUTER_BASE_URL: setting(),
  VLLM_BASE_URL: setting(),
  VLLM_API_KEY: setting(),
  OLLAMA_BASE_URL: setting(),
});
export type ProviderEnv = z.infer<typeof ProviderEnv>;

/** A provider that is configured or was found on this machine. */
export interface FoundProvider {
  name: string;
  base_url: string;
  /** The variable that configures it, or `localhost`. */
  source: string;
  provider: Provider;
}

export interface Discovery {
  providers: FoundProvider[];
  /** Which model to ask: PLANYARD_MODEL, else the first provider's usual or first model. Asks the provider when it must; throws `ModelError` when that fails. */
  model(signal: AbortSignal): Promise<ModelName>;
}

const OPENAI_URL = 'https://api.openai.com/v1';
const OPENROUTER_URL = 'https://openrouter.ai/api/v1';
const OLLAMA_URL = 'http://localhost:11434';
const PROBE_MS = 500;

/** Finds the providers that the environment names, and an Ollama with at least one model on this machine. Throws `invalid_config` when PLANYARD_MODEL names none of them. */
export async function discoverProviders(
  env: Readonly<Record<string, unknown>>,
  fetch: typeof globalThis.fetch,
): Promise<Discovery> {
  const settings = ProviderEnv.parse(env);
  const providers: FoundProvider[] = [];
  const add = (name: string, base_url: string, api_key: string | null, source: string) =>
    providers.push({
      name,
      base_url,
      source,
      provider: createOpenAiCompatible({
        name,
        base_url,
        api_key,
        connect_timeout_ms: DEFAULT_TIMEOUTS.connect_ms,
      }),
    });

  if (settings.OPENAI_API_KEY || settings.OPENAI_BASE_URL)
    add(
      'openai',
      settings.OPENAI_BASE_URL ?? OPENAI_URL,
      settings.OPENAI_API_KEY ?? null,
      settings.OPENAI_API_KEY ? 'OPENAI_API_KEY' : 'OPENAI_BASE_URL',
    );
  if (settings.OPENROUTER_API_KEY)
    add(
      'openrouter',
      settings.OPENROUTER_BASE_URL ?? OPENROUTER_URL,
      settings.OPENROUTER_API_KEY,
      'OPENROUTER_API_KEY',
    );
  if (settings.VLLM_BASE_URL)
    add('vllm', settings.VLLM_BASE_URL, settings.VLLM_API_KEY ?? null, 'VLLM_BASE_URL');

  const ollama = (settings.OLLAMA_BASE_URL ?? OLLAMA_URL).replace(/\/+$/, '');
  if (settings.OLLAMA_BASE_URL || (await hasModels(ollama, fetch)))
    add('ollama', `${ollama}/v1`, null, settings.OLLAMA_BASE_URL ? 'OLLAMA_BASE_URL' : 'localhost');

  const wanted = settings.PLANYARD_MODEL ? parseModelName(settings.PLANYARD_MODEL) : null;
  if (wanted && !providers.some((each) => each.name === wanted.provider))
    throw new PlanyardError(
      'invalid_config',
      `PLANYARD_MODEL names the provider ${wanted.provider}, which is not configured; there ${providers.length === 0 ? 'is none' : `are: ${providers.map((each) => each.name).join(', ')}`}`,
    );
  return { providers, model: async (signal) => wanted ?? (await defaultModel(providers, signal)) };
}

function setting() {
  return z
    .string()
    .trim()
    .optional()
    .transform((text) => text || undefined);
}

async function defaultModel(providers: FoundProvider[], signal: AbortSignal): Promise<ModelName> {
  const first = providers[0];
  if (!first) throw new ModelError('connection', 'no model provider is configured');
  if (first.base_url === OPENAI_URL) return { provider: first.name, model: 'gpt-5-mini' };
  if (first.base_url === OPENROUTER_URL) return { provider: first.name, model: 'openai/gpt-5-mini' };
  const [model] = await first.provider.models(signal);
  if (!model) throw new ModelError('bad_reply', `${first.name} offers no model`);
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
