import type { Usage } from '@planyard/contracts';
import type { ChatEvent } from '../contract.ts';

/** What the policies must see in a stream's elements; all else about them is their owner's. */
export interface Meter<T> {
  /** What the call has used so far, where this element tells; a later one replaces an earlier one. */
  usage(element: T): Usage | null;
  /** The reply in these elements: what is counted where no usage is told. */
  text(elements: T[]): string;
}

export const CHAT_METER: Meter<ChatEvent> = {
  usage: (event) => (event.type === 'usage' ? event.usage : null),
  text: (events) => events.map(textOf).join(''),
};

function textOf(event: ChatEvent): string {
  if (event.type === 'tool_call') return `${event.call.name}${event.call.arguments}`;
  return 'text' in event ? event.text : '';
}
