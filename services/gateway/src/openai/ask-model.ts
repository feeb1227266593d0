import type { ChatRequest, Models } from '@planyard/llm';
import { requireScope } from '../auth/principal.ts';
import { callOf, type RecordCall } from './call-of.ts';
import type { Exchange } from './exchange.ts';
import { type AnswerEvent, type AskRun, agentOf } from './run/run-answer.ts';

/** Asks what a request's `model` names: a model, a route, or Planyard itself. */
export type AskModel = (
  exchange: Exchange,
  model: string,
  request: ChatRequest,
) => AsyncIterable<AnswerEvent>;

export function createAskModel(deps: {
  models: Models;
  askRun: AskRun;
  record: RecordCall;
  now: () => number;
}): AskModel {
  return (exchange, model, request) => {
    const agent = agentOf(exchange.options.route ?? model);
    if (agent !== undefined) return deps.askRun(exchange, agent, request);
    requireScope(exchange.principal, 'models:call');
    return deps.models.chat({ ...callOf(deps, exchange, model, 'chat'), request });
  };
}
