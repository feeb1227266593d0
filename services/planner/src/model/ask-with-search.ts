import type { Phase } from '@planyard/engine';
import {
  type ChatEvent,
  type ChatMessage,
  type ChatRequest,
  ModelError,
  type Reasoning,
  type ToolCall,
} from '@planyard/llm';
import type { PlannerModel } from '../deps.ts';
import { askModel } from './ask-model.ts';
import type { ToolSearch } from './tool-search.ts';

/** How a model finds tools while it plans. */
export interface Searching {
  search: ToolSearch;
  /** Is told of the tools before the model is. */
  found(tools: Awaited<ReturnType<ToolSearch['run']>>['tools']): void;
  /** Once the plan has begun, a search comes too late: it is not answered. */
  begun(): boolean;
}

/** A model call in which the model may search for tools first: what it finds goes back to it, and it goes on. One stream of events to its reader. */
export async function* askWithSearch(
  phase: Phase,
  model: PlannerModel,
  messages: ChatMessage[],
  call: Parameters<typeof askModel>[3],
  searching: Searching | null,
): AsyncIterable<ChatEvent> {
  if (searching === null) return yield* askModel(phase, model, { messages }, call);
  const asked = [...messages];
  for (;;) {
    const turn = createTurn();
    const request: ChatRequest = { messages: asked, tools: [searching.search.spec] };
    // The tool stays named: some providers take a conversation with calls in it only so.
    if (!searching.search.left) request.tool_choice = 'none';
    try {
      for await (const event of askModel(phase, model, request, call)) {
        turn.take(event);
        yield event;
      }
    } catch (error) {
      if (asked.length > messages.length || turn.begun() || !refusesTools(error)) throw error;
      return yield* askModel(phase, model, { messages }, call);
    }
    const calls = turn.calls.filter(({ name }) => name === searching.search.spec.name);
    if (calls.length === 0 || searching.begun() || !searching.search.left) return;
    asked.push(turn.message(calls));
    for (const each of calls) {
      const { text, tools } = await searching.search.run(each.arguments);
      searching.found(tools);
      asked.push({ role: 'tool', tool_call_id: each.id, content: text });
    }
  }
}

/** Some models refuse every request that offers a tool: they plan with what is shown. */
function refusesTools(error: unknown): boolean {
  return error instanceof ModelError && error.kind === 'bad_request' && /tool|function/i.test(error.message);
}

/** What a model said, as its next request must hold it. */
function createTurn() {
  let text = '';
  const calls: ToolCall[] = [];
  const reasoning: Reasoning[] = [];
  let open: Reasoning | null = null;
  return {
    calls,
    begun: () => text !== '' || calls.length > 0,
    take(event: ChatEvent): void {
      if (event.type === 'text') text += event.text;
      else if (event.type === 'tool_call') calls.push(event.call);
      else if (event.type === 'reasoning') {
        const { type: _type, ...block } = event;
        if (open === null) {
          open = { text: '' };
          reasoning.push(open);
        }
        open.text += block.text;
        if (block.signature !== undefined) open.signature = block.signature;
        if (block.redacted !== undefined) open.redacted = block.redacted;
        // A signature or a redaction closes its block.
        if (block.signature !== undefined || block.redacted !== undefined) open = null;
      }
    },
    message: (answered: ToolCall[]): ChatMessage => ({
      role: 'assistant',
      content: text === '' ? null : text,
      tool_calls: answered,
      ...(reasoning.length > 0 ? { reasoning } : {}),
    }),
  };
}
