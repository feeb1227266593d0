import { z } from 'zod';
import { oneLine } from '../ids.ts';
import { JsonObject } from '../json.ts';

/*
 * `POST /v1/responses` as OpenAI defines it (platform.openai.com/docs/api-reference/responses), without what needs a memory of
 * earlier responses. Objects are loose: what we do not know is the provider's to judge.
 */

/** What needs a memory, or a service of OpenAI's, or has another name here, may be said to be nothing. */
const refused = (error: string) =>
  z
    .null({ error })
    .optional()
    .meta({ description: `Refused: ${error}` });

const InputPart = z.discriminatedUnion('type', [
  z.looseObject({ type: z.enum(['input_text', 'output_text', 'text']), text: z.string() }),
  z.looseObject({ type: z.literal('refusal'), refusal: z.string() }),
  z.looseObject({
    type: z.literal('input_image'),
    image_url: z.string({ error: 'must be the image or its address: files of OpenAI are not to be had' }),
    detail: z.string().nullish(),
  }),
  z.looseObject({
    type: z.literal('input_file'),
    file_id: z.string().nullish(),
    file_data: z.string().nullish(),
    filename: z.string().nullish(),
    file_url: refused('files are not fetched: send the file itself, or its id'),
  }),
]);

const Message = z.looseObject({
  type: z.literal('message').optional(),
  role: z.enum(['user', 'assistant', 'system', 'developer']),
  content: z.union([z.string(), z.array(InputPart)]),
});
const FunctionCall = z.looseObject({
  type: z.literal('function_call'),
  call_id: z.string(),
  name: z.string(),
  arguments: z.string(),
});
const FunctionCallOutput = z.looseObject({
  type: z.literal('function_call_output'),
  call_id: z.string(),
  output: z.union([z.string(), z.array(InputPart)]),
});
const CustomCall = z.looseObject({
  type: z.literal('custom_tool_call'),
  call_id: z.string(),
  name: z.string(),
  input: z.string(),
});
const CustomCallOutput = z.looseObject({
  type: z.literal('custom_tool_call_output'),
  call_id: z.string(),
  output: z.union([z.string(), z.array(InputPart)]),
});
const ReasoningItem = z.looseObject({
  type: z.literal('reasoning'),
  id: z.string().optional(),
  summary: z.array(z.looseObject({ type: z.literal('summary_text'), text: z.string() })).default([]),
  encrypted_content: z.string().nullish(),
});
const ItemReference = z.looseObject({ type: z.literal('item_reference'), id: z.string() });

export const ResponseInputItem = z.discriminatedUnion('type', [
  Message,
  FunctionCall,
  FunctionCallOutput,
  CustomCall,
  CustomCallOutput,
  ReasoningItem,
  ItemReference,
]);
export type ResponseInputItem = z.infer<typeof ResponseInputItem>;

const FunctionTool = z.looseObject({
  type: z.literal('function'),
  name: z.string().regex(/^[A-Za-z0-9_.-]{1,128}$/),
  description: z.string().nullish(),
  parameters: JsonObject.nullish(),
  strict: z.boolean().nullish(),
});

const CustomTool = z.looseObject({
  type: z.literal('custom'),
  name: z.string().min(1).max(128),
  description: z.string().nullish(),
  format: z.looseObject({ type: z.string() }).nullish(),
});

const Format = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text') }),
  z.looseObject({ type: z.literal('json_object') }),
  z.looseObject({
    type: z.literal('json_schema'),
    name: z.string(),
    description: z.string().nullish(),
    schema: JsonObject,
    strict: z.boolean().nullish(),
  }),
]);

export const ResponsesRequest = z
  .looseObject({
    model: oneLine(300)
      .min(1)
      .meta({ description: 'A route, `provider/model`, `planyard` or `planyard/<agent>`' }),
    input: z.union([z.string(), z.array(ResponseInputItem).min(1)]),
    instructions: z.string().nullish(),
    stream: z.boolean().nullish(),
    store: z
      .boolean()
      .nullish()
      .meta({ description: 'false: items are not kept for the hour in which `item_reference` finds them' }),
    previous_response_id: refused('earlier responses are not kept: send the whole input each time'),
    conversation: refused('conversations are not kept here: send the whole input each time'),
    background: z
      .literal(false, { error: 'no response is made in the background: wait for it, or take its stream' })
      .nullish(),
    prompt: refused('prompts of OpenAI are not to be had; those of here are rendered by /v1/prompts'),
    tools: z
      .array(
        z.discriminatedUnion('type', [FunctionTool, CustomTool], {
          error: 'must be function or custom: tools that OpenAI itself runs are not to be had',
        }),
      )
      .nullish(),
    tool_choice: z
      .union([
        z.enum(['none', 'auto', 'required']),
        z.looseObject({ type: z.enum(['function', 'custom']), name: z.string() }),
        z.looseObject({
          type: z.literal('allowed_tools'),
          mode: z.enum(['auto', 'required']),
          tools: z.array(z.looseObject({ type: z.string(), name: z.string() })).min(1),
        }),
      ])
      .nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    text: z.looseObject({ format: Format.nullish(), verbosity: z.string().nullish() }).nullish(),
    reasoning: z.looseObject({ effort: z.string().nullish(), summary: z.string().nullish() }).nullish(),
    include: z.array(z.string()).nullish(),
    truncation: z
      .literal('disabled', {
        error: 'must be "disabled" or left out: an input that is too long is refused, not cut',
      })
      .nullish()
      .meta({ description: 'An input that is too long is refused, not cut' }),
    top_logprobs: z.int().min(0).max(20).nullish(),
    max_tool_calls: z
      .int()
      .min(1)
      .nullish()
      .meta({ description: 'Of tools that OpenAI itself runs, which are refused here: it changes nothing' }),
    max_output_tokens: z.int().min(1).nullish(),
    max_tokens: refused('the limit of a response is max_output_tokens'),
    max_completion_tokens: refused('the limit of a response is max_output_tokens'),
    n: refused('a response is one answer'),
    temperature: z.number().nullish(),
    top_p: z.number().nullish(),
    metadata: z.record(z.string(), z.string()).nullish(),
  })
  .meta({ id: 'ResponsesRequest' });
export type ResponsesRequest = z.infer<typeof ResponsesRequest>;

/** An item of a response's output: a message, a call of a function or of a custom tool, or reasoning. */
export const ResponseOutputItem = z.looseObject({
  id: z.string(),
  type: z.enum(['message', 'function_call', 'custom_tool_call', 'reasoning']),
});
export type ResponseOutputItem = z.infer<typeof ResponseOutputItem>;

export const ResponseObject = z
  .looseObject({
    id: z.string(),
    object: z.literal('response'),
    created_at: z.int(),
    status: z.enum(['in_progress', 'completed', 'incomplete', 'failed']),
    model: z.string(),
    output: z.array(ResponseOutputItem),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    incomplete_details: z.object({ reason: z.string() }).nullable(),
    usage: z
      .object({
        input_tokens: z.int(),
        input_tokens_details: z.object({ cached_tokens: z.int(), cache_write_tokens: z.int() }),
        output_tokens: z.int(),
        output_tokens_details: z.object({ reasoning_tokens: z.int() }),
        total_tokens: z.int(),
        estimated: z.literal(true).optional(),
      })
      .nullable(),
  })
  .meta({ id: 'Response' });
export type ResponseObject = z.infer<typeof ResponseObject>;

export const ResponseEvent = z.looseObject({ type: z.string(), sequence_number: z.int() }).meta({
  id: 'ResponseEvent',
  description:
    'One server-sent event, from `response.created` to `response.completed`, `.incomplete` or `.failed`',
});
