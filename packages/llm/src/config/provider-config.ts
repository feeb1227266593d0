import { z } from 'zod';
import { SecretRef } from './secret.ts';
import { Timeouts } from './timeouts.ts';

const shared = {
  timeouts: z
    .partialRecord(z.enum(Object.keys(Timeouts.shape) as [keyof Timeouts]), z.int().min(1).max(86_400_000))
    .default({})
    .meta({ description: 'Over the general ones' }),
  models: z
    .array(z.string().min(1))
    .default([])
    .meta({ description: 'Models that must be to be had, besides those of routes' }),
  max_reply_bytes: z.int().min(1).optional(),
};

const url = z.url({ protocol: /^https?$/, error: 'an http or https URL' });

/** A model provider, by the protocol it speaks. */
export const ProviderConfig = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('openai'),
    base_url: url.default('https://api.openai.com/v1'),
    api_key: SecretRef,
    ...shared,
  }),
  z.strictObject({
    kind: z.literal('openrouter'),
    base_url: url.default('https://openrouter.ai/api/v1'),
    api_key: SecretRef,
    ...shared,
  }),
  z.strictObject({
    kind: z.literal('openai_compatible').meta({ description: 'vLLM and any endpoint that speaks it' }),
    base_url: url,
    api_key: SecretRef.optional(),
    json_schema: z.boolean().optional().meta({
      description: 'false where it takes no `response_format` with a schema, or does not keep to it',
    }),
    ...shared,
  }),
  z.strictObject({
    kind: z.literal('ollama'),
    base_url: url.default('http://localhost:11434'),
    api_key: SecretRef.optional(),
    keep_alive: z.union([z.string(), z.number()]).optional(),
    ...shared,
  }),
  z.strictObject({
    kind: z.literal('anthropic'),
    base_url: url.default('https://api.anthropic.com'),
    api_key: SecretRef,
    ...shared,
  }),
  z.strictObject({
    kind: z.literal('bedrock'),
    region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'an AWS region, such as eu-central-1'),
    profile: z.string().optional(),
    endpoint: url.optional(),
    credentials: z
      .strictObject({
        access_key_id: SecretRef,
        secret_access_key: SecretRef,
        session_token: SecretRef.optional(),
      })
      .optional()
      .meta({ description: 'AWS’s own chain finds them by default' }),
    ...shared,
  }),
]);
export type ProviderConfig = z.infer<typeof ProviderConfig>;
