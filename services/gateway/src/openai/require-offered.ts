import { PlanyardError } from '@planyard/contracts';
import type { ChatRequest } from '@planyard/llm';

/** Throws `invalid_request` where a tool must be called, or may be, that is not offered: not every provider says so, and some would answer without it. */
export function requireOffered({ tools = [], tool_choice: choice, allowed_tools }: ChatRequest): void {
  const named = [...(allowed_tools ?? []), ...(typeof choice === 'object' ? [choice.name] : [])];
  const absent = named.find((name) => !tools.some((tool) => tool.name === name));
  const message =
    absent !== undefined
      ? `no tool ${absent} is offered`
      : choice === 'required' && tools.length === 0
        ? 'no tool is offered'
        : null;
  if (message === null) return;
  throw new PlanyardError('invalid_request', `tool_choice: ${message}`, {
    errors: [{ path: 'tool_choice', message }],
  });
}
