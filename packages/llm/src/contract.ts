import type { Fault, Json, JsonObject, Usage } from '@planyard/contracts';

/** A picture is a `data:` URL, or an https URL where the provider fetches pictures itself. */
export type ChatPart =
  | { type: 'text'; text: string }
  | { type: 'image_url'; image_url: { url: string; detail?: 'auto' | 'low' | 'high' } }
  /** What only OpenAI's protocol has, such as a file or a sound: `foreign` of the request names its place. */
  | { type: 'foreign'; part: JsonObject };

export type ChatContent = string | ChatPart[];

/** A block of a model's reasoning. Where it is signed or redacted, the provider wants it back unchanged with the tool results that follow. */
export interface Reasoning {
  text: string;
  signature?: string;
  /** What the provider shows to nobody, encrypted by it; `text` is empty then. */
  redacted?: string;
}

/**
 * One message of a conversation with a model. A tool's reply names the call that it answers. `given` is the message as its
 * caller wrote it in OpenAI's words: what providers of that protocol get, with all that we do not know.
 */
export type ChatMessage = { given?: JsonObject } & (
  | { role: 'system' | 'user'; content: ChatContent }
  | { role: 'assistant'; content: ChatContent | null; tool_calls?: ToolCall[]; reasoning?: Reasoning[] }
  | { role: 'tool'; tool_call_id: string; content: string }
);

/** A tool as a model may call it; `parameters` is JSON Schema. */
export interface ToolSpec {
  name: string;
  description: string;
  parameters: JsonObject;
  /** The arguments must fit `parameters`, where the provider can enforce that. */
  strict?: boolean;
  /** As its caller wrote it in OpenAI's words: what providers of that protocol get. */
  given?: JsonObject;
}

/** A model's wish to call a tool. `arguments` is the text of a JSON object; of a custom tool, which OpenAI's protocol alone has, any text. `id` is never empty. */
export interface ToolCall {
  id: string;
  name: string;
  arguments: string;
  custom?: true;
  /** What its provider added to it in OpenAI's words, such as a signature that it wants back. */
  more?: JsonObject;
}

export type ToolChoice = 'auto' | 'none' | 'required' | { name: string };

/** What every request may say. */
interface Asked {
  /** Milliseconds that the caller gives its connection, where that is less than the provider gives it. */
  connect_ms?: number | undefined;
}

/** The reply must be JSON that fits `schema`. */
export interface OutputSpec {
  name: string;
  schema: JsonObject;
  /** Where the schema stands in what the caller sent, for faults of it. */
  path?: string;
  description?: string;
  /** As OpenAI's API means it: the model cannot but keep to the schema, which must be closed for that. */
  strict?: boolean;
  /** Any JSON object: `schema` says no more than that. */
  any_object?: boolean;
}

/** How much a model is to think, in OpenAI's words. */
export type ReasoningEffort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

export interface ChatRequest extends Asked {
  messages: ChatMessage[];
  tools?: ToolSpec[];
  tool_choice?: ToolChoice;
  /** Names of the tools that may be called now, of those that are offered; all by default. */
  allowed_tools?: string[];
  /** The choice as its caller wrote it in OpenAI's words. */
  given_choice?: JsonObject;
  parallel_tool_calls?: boolean;
  output?: OutputSpec;
  temperature?: number;
  top_p?: number;
  max_tokens?: number;
  /** `max_tokens` is what a budget affords: no sign of how long the answer will be. */
  budgeted?: boolean;
  stop?: string[];
  seed?: number;
  reasoning_effort?: ReasoningEffort;
  /** false takes the provider's whole-reply API; the events are the same. */
  stream?: boolean;
  /** Tells the calls of a streamed reply in pieces, before each is told whole. What goes wrong with their arguments is then heard too late for another try. */
  live_calls?: boolean;
  /** Fields of OpenAI's API that are none of the above: passed on by providers that speak it, dropped by others. */
  extra?: JsonObject;
  /** What of it OpenAI's protocol alone can say, and where that stands: models of others are not asked. */
  foreign?: Fault[];
}

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';

/** A piece of a call. Joined, the pieces of one `index` are its arguments: the text of a JSON object, unless the reply ends in an error or as `length`. */
export interface ToolCallDelta {
  index: number;
  id: string;
  name: string;
  arguments: string;
  custom?: true;
  /** Of its pieces. */
  first?: true;
  /** With the first piece: see `ToolCall`. */
  more?: JsonObject;
}

/** Fields that a provider of OpenAI's protocol added and that we do not know, by where they stand. */
export interface MoreFields {
  /** Of the completion, or of each chunk from here on. */
  reply?: JsonObject;
  /** Of the choice: they go with what comes next. */
  choice?: JsonObject;
  /** Of the message, or of a piece of it. */
  message?: JsonObject;
  /** Usage with all its fields. */
  usage?: JsonObject;
}

/** What a chat stream yields: text, refusals (where the provider tells them apart) and reasoning as they come (a signature or redaction closes its block of reasoning), tool calls once each is whole (`told` where it was told in pieces before), then usage (where the provider tells) and the finish; between them what is not ours to know. A stream that ends without `finish` was cut and throws instead. */
export type ChatEvent =
  | { type: 'text'; text: string; logprobs?: Json }
  | { type: 'refusal'; text: string }
  | ({ type: 'reasoning' } & Reasoning)
  | ({ type: 'tool_call_delta' } & ToolCallDelta)
  | { type: 'tool_call'; call: ToolCall; told?: true }
  | { type: 'usage'; usage: Usage }
  | ({ type: 'more' } & MoreFields)
  | { type: 'finish'; reason: FinishReason };

/** What of an embedding's request OpenAI's protocol alone can say goes into `extra`, and so do token arrays as its input. */
export interface EmbedRequest extends Asked {
  input: string[] | number[][];
  dimensions?: number;
  extra?: JsonObject;
}

/** `vectors` are in the order of the input. */
export interface Embeddings {
  vectors: number[][];
  /** null where the provider does not tell. */
  usage: Usage | null;
}

/** A chat completion in OpenAI's protocol whose bytes are passed on as they are. */
export interface RawRequest extends Asked {
  /** JSON that names the model as the provider knows it. */
  body: Buffer;
  /** What a budget affords the answer, where the body says no limit. */
  max_tokens: number | null;
  /** How many answers the body asks for. */
  answers: number;
  /** Whether the body asks for a stream. */
  streaming: boolean;
  /** Whether the caller asked for usage in the stream; where not, the provider is asked all the same and its answer withheld. */
  include_usage: boolean;
}

/** A part of the reply as it came. A stream's pieces end where an event ends. */
export interface RawPiece {
  bytes: Buffer;
  usage: Usage | null;
  /** The reply ends with it. */
  ends?: true;
}

/** The wire protocol that a provider speaks. */
export type Protocol = 'openai' | 'ollama' | 'anthropic' | 'bedrock';

/** A model provider: each lives in a folder of its own under `providers/`. Failures are `ModelError`s; an abort of the signal ends the upstream request at once. */
export interface Provider {
  name: string;
  protocol: Protocol;
  /** Whether it makes that model keep to `output.schema` by itself in such a request. */
  native_output(model: string, request: Pick<ChatRequest, 'tools' | 'tool_choice' | 'output'>): boolean;
  /** `onPiece` is told of each piece of a stream as it comes, of those too that make no event yet. */
  chat(
    model: string,
    request: ChatRequest,
    signal: AbortSignal,
    onPiece?: () => void,
  ): AsyncIterable<ChatEvent>;
  embed(model: string, request: EmbedRequest, signal: AbortSignal): Promise<Embeddings>;
  /** Passes bytes on, where the provider speaks OpenAI's protocol. Nothing comes before the first token; a reply that is cut or holds an error throws. */
  passThrough?(request: RawRequest, signal: AbortSignal): AsyncIterable<RawPiece>;
  /** Ids of the models it offers. */
  models(signal: AbortSignal): Promise<string[]>;
  /** Rejects when it is not to be reached or refuses the key. */
  health(signal: AbortSignal): Promise<void>;
  close(): void;
}
