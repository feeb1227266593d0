import type { Provider } from '../contract.ts';
import { createAnthropic } from '../providers/anthropic/provider.ts';
import { createBedrock } from '../providers/bedrock/provider.ts';
import { defined } from '../providers/defined.ts';
import { createOllama } from '../providers/ollama/provider.ts';
import { createOpenAiCompatible } from '../providers/openai-compatible/provider.ts';
import type { ProviderConfig } from './provider-config.ts';
import { readSecret, type SecretRef, type SecretSources } from './secret.ts';
import type { Timeouts } from './timeouts.ts';

/** Reads a provider's secrets and returns what makes it, and a text that differs when any of it does. Throws an Error that names a missing secret. */
export async function prepareProvider(
  name: string,
  config: ProviderConfig,
  timeouts: Timeouts,
  sources: SecretSources,
): Promise<{ fingerprint: string; create: () => Provider }> {
  const secret = async (ref: SecretRef | undefined) => (ref ? await readSecret(ref, sources) : undefined);
  const shared = {
    name,
    connect_timeout_ms: config.timeouts.connect_ms ?? timeouts.connect_ms,
    ...defined({ max_reply_bytes: config.max_reply_bytes }),
  };
  const fixed = <O>(options: O, create: (options: O) => Provider) => ({
    fingerprint: JSON.stringify([config.kind, options]),
    create: () => create(options),
  });
  switch (config.kind) {
    case 'openai':
    case 'openrouter':
    case 'openai_compatible': {
      const api_key = (await secret(config.api_key)) ?? null;
      const json_schema = config.kind === 'openai_compatible' ? config.json_schema : undefined;
      return fixed(
        { ...shared, base_url: config.base_url, api_key, ...defined({ json_schema }) },
        createOpenAiCompatible,
      );
    }
    case 'ollama': {
      const { base_url, keep_alive } = config;
      const api_key = (await secret(config.api_key)) ?? null;
      return fixed({ ...shared, base_url, api_key, ...defined({ keep_alive }) }, createOllama);
    }
    case 'anthropic': {
      const api_key = await readSecret(config.api_key, sources);
      return fixed({ ...shared, base_url: config.base_url, api_key }, createAnthropic);
    }
    case 'bedrock': {
      const { region, profile, endpoint } = config;
      const credentials = config.credentials && {
        access_key_id: await readSecret(config.credentials.access_key_id, sources),
        secret_access_key: await readSecret(config.credentials.secret_access_key, sources),
        ...defined({ session_token: await secret(config.credentials.session_token) }),
      };
      return fixed({ ...shared, region, ...defined({ profile, endpoint, credentials }) }, createBedrock);
    }
  }
}
