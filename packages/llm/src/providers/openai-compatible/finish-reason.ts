import type { FinishReason } from '../../contract.ts';
import { ModelError } from '../../model-error.ts';

/** Throws `server` for a finish reason by which a server says that the answer broke off (OpenRouter, vLLM). */
export function refuseBroken(reason: unknown): void {
  if (reason === 'error' || reason === 'abort')
    throw new ModelError('server', 'the provider broke the reply off with an error');
}

/** Servers have reasons of their own (`eos`, `end_turn`): all but these end a reply well. */
export function toFinish(reason: string): FinishReason {
  refuseBroken(reason);
  if (reason === 'length' || reason === 'content_filter' || reason === 'tool_calls') return reason;
  return 'stop';
}
