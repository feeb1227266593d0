import type { JsonObject, Message, Usage } from '@planyard/contracts';

export type ChatContent = Message['content'];

/** One message of a conversation with a model. A tool's reply names the call that it answers. */
export type ChatMessage =
  | { role: 'system' | 'user'; content: ChatContent }
  | { role: 'assistant'; content: ChatContent | null; tool_calls?: ToolCall[] }
  | { role: 'tool'; tool_call_id: string; content: string };

/** A tool as a model may call it; `parameters` is JSON Schema. */
export interface ToolSpec {
  name: string;
  description: string;
  parameters: JsonObject;
}

/** A model's wish to call a tool. `arguments` is JSON text as the model wrote it. */
export interface ToolCall {
  id: string;
  name: string;
  arguments: string;
}

export interface ChatRequest {
  messages: ChatMessage[];
  tools?: ToolSpec[];
  tool_choice?: 'auto' | 'none' | 'required';
  temperature?: number;
  max_tokens?: number;
}

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';

/** What a chat stream yields: text as it comes, tool calls once each is whole, then usage (where the provider tells) and the finish. A stream that ends without `finish` was cut and throws instead. */
export type ChatEvent =
  | { type: 'text'; text: string }
  | { type: 'reasoning'; text: string }
  | { type: 'tool_call'; call: ToolCall }
  | { type: 'usage'; usage: Usage }
  | { type: 'finish'; reason: FinishReason };

/** A model provider: each lives in a folder of its own under `providers/`. Failures are `ModelError`s. */
export interface Provider {
  name: string;
  chat(model: string, request: ChatRequest, signal: AbortSignal): AsyncIterable<ChatEvent>;
  /** Ids of the models it offers. */
  models(signal: AbortSignal): Promise<string[]>;
}
