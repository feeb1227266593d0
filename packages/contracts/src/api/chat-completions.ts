import { z } from 'zod';
import { oneLine } from '../ids.ts';
import { JsonObject } from '../json.ts';

/*
 * `POST /v1/chat/completions` as OpenAI defines it (platform.openai.com/docs/api-reference/chat). Objects are loose: what we
 * do not know is the provider's to judge.
 */

const TextPart = z.looseObject({ type: z.literal('text'), text: z.string() });
const ImagePart = z.looseObject({
  type: z.literal('image_url'),
  image_url: z.looseObject({ url: z.string(), detail: z.string().nullish() }),
});
const RefusalPart = z.looseObject({ type: z.literal('refusal'), refusal: z.string() });

/** Of a type that we do not know: for its provider to judge. */
const other = (...known: string[]) =>
  z.looseObject({
    // Aborted, so that what is told is what lacks in the form that the type names.
    type: z.string().refine((type) => !known.includes(type), { abort: true }),
  });

const Text = z.union([z.string(), z.array(TextPart)]);

const FunctionCall = z.looseObject({
  id: z.string(),
  type: z.literal('function'),
  function: z.looseObject({ name: z.string(), arguments: z.string() }),
});
const CustomCall = z.looseObject({
  id: z.string(),
  type: z.literal('custom'),
  custom: z.looseObject({ name: z.string(), input: z.string() }),
});
const ToolCall = z.discriminatedUnion('type', [FunctionCall, CustomCall]);

/** Reasoning that its provider wants back, as OpenRouter writes it. */
export const ReasoningDetail = z.union([
  z.looseObject({
    type: z.literal('reasoning.text'),
    text: z.string(),
    signature: z.string().nullish(),
  }),
  z.looseObject({ type: z.literal('reasoning.encrypted'), data: z.string() }),
]);
export type ReasoningDetail = z.infer<typeof ReasoningDetail>;

export const ChatCompletionMessage = z.discriminatedUnion('role', [
  z.looseObject({ role: z.enum(['system', 'developer']), content: Text }),
  z.looseObject({
    role: z.literal('user'),
    content: z.union([
      z.string(),
      z
        .array(z.union([z.discriminatedUnion('type', [TextPart, ImagePart]), other('text', 'image_url')]))
        .min(1),
    ]),
  }),
  z.looseObject({
    role: z.literal('assistant'),
    content: z.union([z.string(), z.array(z.discriminatedUnion('type', [TextPart, RefusalPart]))]).nullish(),
    tool_calls: z.array(ToolCall).nullish(),
    reasoning_details: z.array(ReasoningDetail).nullish(),
  }),
  z.looseObject({ role: z.literal('tool'), tool_call_id: z.string(), content: Text }),
  z.looseObject({ role: z.literal('function'), name: z.string(), content: z.string().nullish() }),
]);
export type ChatCompletionMessage = z.infer<typeof ChatCompletionMessage>;

const FunctionTool = z.looseObject({
  type: z.literal('function'),
  function: z.looseObject({
    name: z.string().regex(/^[A-Za-z0-9_.-]{1,128}$/),
    description: z.string().nullish(),
    parameters: JsonObject.nullish(),
    strict: z.boolean().nullish(),
  }),
});

const Tool = z.union([FunctionTool, other('function')]);

const ToolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.looseObject({ type: z.literal('function'), function: z.looseObject({ name: z.string() }) }),
  z.looseObject({
    type: z.literal('allowed_tools'),
    allowed_tools: z.looseObject({
      mode: z.enum(['auto', 'required']),
      tools: z.array(z.looseObject({ type: z.string() })).min(1),
    }),
  }),
  other('function', 'allowed_tools'),
]);

const KnownFormat = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text') }),
  z.looseObject({ type: z.literal('json_object') }),
  z.looseObject({
    type: z.literal('json_schema'),
    json_schema: z.looseObject({
      name: z.string(),
      description: z.string().nullish(),
      schema: JsonObject.optional(),
      strict: z.boolean().nullish(),
    }),
  }),
]);
const ResponseFormat = z.union([KnownFormat, other('text', 'json_object', 'json_schema')]);

const limit = z.int().min(1).nullish();

export const ChatCompletionRequest = z
  .looseObject({
    model: oneLine(300)
      .min(1)
      .meta({ description: 'A route, `provider/model`, `planyard` or `planyard/<agent>`' }),
    messages: z.array(ChatCompletionMessage).min(1),
    stream: z.boolean().nullish(),
    stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
    tools: z.array(Tool).nullish(),
    tool_choice: ToolChoice.nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    response_format: ResponseFormat.nullish(),
    temperature: z.number().nullish(),
    top_p: z.number().nullish(),
    max_tokens: limit,
    max_completion_tokens: limit,
    stop: z.union([z.string(), z.array(z.string())]).nullish(),
    seed: z.int().nullish(),
    n: z.int().min(1).nullish(),
    reasoning_effort: z.string().nullish(),
  })
  .meta({ id: 'ChatCompletionRequest' });
export type ChatCompletionRequest = z.infer<typeof ChatCompletionRequest>;

/** What must be right in a request that is passed on as it is; its provider judges the rest. */
export const ChatCompletionEnvelope = z.looseObject({
  model: ChatCompletionRequest.shape.model,
  messages: z.array(z.looseObject({ role: z.string() })).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  n: z.int().min(1).nullish(),
  max_tokens: limit,
  max_completion_tokens: limit,
});
export type ChatCompletionEnvelope = z.infer<typeof ChatCompletionEnvelope>;

export const CompletionUsage = z.object({
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
  // A reply that is passed on tells what its provider tells.
  prompt_tokens_details: z
    .looseObject({ cached_tokens: z.int().nullish(), cache_write_tokens: z.int().nullish() })
    .nullish(),
  completion_tokens_details: z.looseObject({ reasoning_tokens: z.int().nullish() }).nullish(),
  estimated: z
    .literal(true)
    .optional()
    .meta({ description: 'Counted here with a tokenizer: the model told nothing' }),
});
export type CompletionUsage = z.infer<typeof CompletionUsage>;

/** What `planyard` models add: the run behind the answer. */
const RunExtension = z.looseObject({ run_id: z.string() }).optional();
const finish = z.enum(['stop', 'length', 'tool_calls', 'content_filter', 'error']);

export const ChatCompletion = z
  .looseObject({
    id: z.string(),
    object: z.literal('chat.completion'),
    created: z.int(),
    model: z.string(),
    choices: z.array(
      z.looseObject({
        index: z.int(),
        message: z.looseObject({
          role: z.literal('assistant'),
          content: z.string().nullable(),
          refusal: z.string().nullish(),
          tool_calls: z.array(ToolCall).optional(),
        }),
        finish_reason: finish.nullable(),
      }),
    ),
    usage: CompletionUsage.loose().optional(),
    planyard: RunExtension,
  })
  .meta({ id: 'ChatCompletion' });
export type ChatCompletion = z.infer<typeof ChatCompletion>;

export const ChatCompletionChunk = z
  .looseObject({
    id: z.string(),
    object: z.literal('chat.completion.chunk'),
    created: z.int(),
    model: z.string(),
    choices: z.array(
      z.looseObject({ index: z.int(), delta: z.looseObject({}), finish_reason: finish.nullable() }),
    ),
    usage: CompletionUsage.loose().nullish(),
    planyard: RunExtension,
  })
  .meta({
    id: 'ChatCompletionChunk',
    description:
      'One server-sent event; the stream ends with `data: [DONE]`, or with `finish_reason` `error` and an event that has `error` alone',
  });
export type ChatCompletionChunk = z.infer<typeof ChatCompletionChunk>;
