import type { Phase } from '@planyard/engine';
import type { Conversation } from './conversation.ts';

/** Turns of the conversation before the question that say what it is about. */
const EARLIER_TURNS = 2;

/** The question, and what was asked before it: "and in March?" says little by itself. */
export function aboutOf(phase: Pick<Phase, 'record'>, { messages }: Conversation): string {
  const earlier = messages
    .filter((message) => message.role === 'user')
    .map(({ content }) => (typeof content === 'string' ? content : ''))
    .slice(-EARLIER_TURNS - 1, -1);
  return [phase.record.request.question, ...earlier].join('\n');
}
