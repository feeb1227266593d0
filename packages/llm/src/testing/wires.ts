import type { Protocol, Provider } from '../contract.ts';
import { createAnthropic } from '../providers/anthropic/provider.ts';
import { createBedrock } from '../providers/bedrock/provider.ts';
import type { ConnectionOptions } from '../providers/connection.ts';
import { createOllama } from '../providers/ollama/provider.ts';
import { createOpenAiCompatible } from '../providers/openai-compatible/provider.ts';
import { anthropicWire } from './anthropic-wire.ts';
import { bedrockWire } from './bedrock-wire.ts';
import { ollamaWire } from './ollama-wire.ts';
import { openaiWire } from './openai-wire.ts';
import type { Wire } from './wire.ts';

export const WIRES: Record<Protocol, Wire> = {
  openai: openaiWire,
  anthropic: anthropicWire,
  ollama: ollamaWire,
  bedrock: bedrockWire,
};

/** The key that every provider of a test has. */
export const TEST_KEY = 'sk-test-0123456789abcdef';

/** A provider of that protocol, named for it, whose server is at `origin`. */
export function providerOf(
  protocol: Protocol,
  origin: string,
  options: ConnectionOptions = { connect_timeout_ms: 60_000 },
): Provider {
  const shared = { name: protocol, ...options };
  switch (protocol) {
    case 'openai':
      return createOpenAiCompatible({ ...shared, base_url: `${origin}/v1`, api_key: TEST_KEY });
    case 'anthropic':
      return createAnthropic({ ...shared, base_url: origin, api_key: TEST_KEY });
    case 'ollama':
      return createOllama({ ...shared, base_url: origin });
    case 'bedrock':
      return createBedrock({
        ...shared,
        region: 'eu-west-1',
        endpoint: origin,
        credentials: { access_key_id: 'AKIATEST', secret_access_key: TEST_KEY },
      });
  }
}
