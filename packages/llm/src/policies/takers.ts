import type { Fault } from '@planyard/contracts';
import type { ChatRequest } from '../contract.ts';
import { ModelError } from '../model-error.ts';
import type { Target } from './targets.ts';

/** The models that can take a request: those of OpenAI's protocol alone where it says what no other can. Throws `bad_request` with the places where there is none. */
export function takersOf(targets: Target[], foreign: (() => Fault[]) | undefined): Target[] {
  if (!foreign || targets.every(speaksOpenAi)) return targets;
  const faults = foreign();
  const [first] = faults;
  if (!first) return targets;
  const takers = targets.filter(speaksOpenAi);
  if (takers.length > 0) return takers;
  const names = targets.map(({ id }) => id).join(', ');
  throw new ModelError('bad_request', `${first.path}: ${first.message}, which ${names} cannot take`, {
    errors: faults,
  });
}

/** A request as models of other protocols can take it: only the tools that may be called now are offered. */
export function forOthers(request: ChatRequest): ChatRequest {
  const { allowed_tools: allowed, tools } = request;
  return allowed && tools
    ? { ...request, tools: tools.filter(({ name }) => allowed.includes(name)) }
    : request;
}

export function speaksOpenAi({ provider }: Target): boolean {
  return provider.protocol === 'openai';
}
