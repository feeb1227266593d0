import type { RunEvent } from '@planyard/contracts';
import { z } from 'zod';
import type { SseMessage } from '../http/sse.ts';

export const EventStream = z.string().meta({
  description: 'Server-sent events: `id` is the number, `event` the type, `data` a RunEvent as JSON',
});

export async function* toSse(events: AsyncIterable<RunEvent>): AsyncGenerator<SseMessage> {
  for await (const event of events) yield { id: event.number, event: event.type, data: event };
}
