import type { RunEvent } from '@planyard/contracts';
import type { SeenEvent } from '@planyard/engine';
import { z } from 'zod';
import type { SseMessage } from '../http/sse.ts';

export const EventStream = z.string().meta({
  description:
    'Server-sent events: `id` is the number and the time in milliseconds, `event` the type, `data` a RunEvent as JSON',
});

export async function* toSse(events: AsyncIterable<RunEvent>): AsyncGenerator<SseMessage> {
  for await (const event of events) yield { id: idOf(event), event: event.type, data: event };
}

/** Its time, too: after a crash of Redis the number may be another event's. */
function idOf({ number, at }: RunEvent): string {
  return `${number}-${Date.parse(at)}`;
}

/** What a client has seen last, by an event's id or its number alone; 0 to begin with. Anything else starts from the beginning. */
export function lastEventOf(header: string | undefined): SeenEvent {
  const [, number, ms] = /^([0-9]{1,15})(?:-([0-9]{1,15}))?$/.exec(header ?? '') ?? [];
  if (ms === undefined) return Number(number ?? 0);
  return { number: Number(number), at: new Date(Number(ms)).toISOString() };
}
