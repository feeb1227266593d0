import type { Usage } from '@planyard/contracts';
import type { ChatEvent, Embeddings } from '../contract.ts';

/** What the policies must see in a stream's elements; all else about them is their owner's. */
export interface Meter<T> {
  /** What the call has used so far, where this element tells; a later one replaces an earlier one. */
  usage(element: T): Usage | null;
  /** The reply in these elements: what is counted where no usage is told. */
  text(elements: T[]): string;
  /** Whether a reply that has told no usage ends with this element: then the estimate is told in its place. */
  ends(element: T): boolean;
  /** What is passed on in place of the element that ends a reply, with the estimate in it; `elements` are all of them. */
  told(element: T, estimate: Usage, elements: T[]): T[];
}

export const CHAT_METER: Meter<ChatEvent> = {
  usage: (event) => (event.type === 'usage' ? event.usage : null),
  text: (events) => events.map(textOf).join(''),
  ends: (event) => event.type === 'finish',
  told: (finish, usage) => [{ type: 'usage', usage }, finish],
};

export const EMBED_METER: Meter<Embeddings> = {
  usage: ({ usage }) => usage,
  text: () => '',
  ends: () => true,
  told: (embeddings, usage) => [{ ...embeddings, usage }],
};

/** A call whose pieces were told is in them, also where it broke off. */
function textOf(event: ChatEvent): string {
  if (event.type === 'tool_call') return event.told ? '' : `${event.call.name}${event.call.arguments}`;
  if (event.type === 'tool_call_delta')
    return event.first ? `${event.name}${event.arguments}` : event.arguments;
  return 'text' in event ? event.text : '';
}
