import { isRunEnd, PlanyardError, RunEvent, toPlanyardError } from '@planyard/contracts';
import { type EventSourceMessage, EventSourceParserStream } from 'eventsource-parser/stream';
import type { Http } from './http.ts';

export interface FollowOptions {
  /** Goes on after the event of this number. */
  after?: number;
  signal?: AbortSignal;
}

/** Connections in a row that may bring nothing before it gives up. */
const patience = 6;

/**
 * Events of a run until its end. A broken connection is taken up again after the last event, so none is missed, and none
 * repeated but an answer that was half told when the run went to the archive: that is told anew from `answer.started`.
 */
export async function* followRun(
  http: Http,
  runId: string,
  { after = 0, signal }: FollowOptions = {},
): AsyncGenerator<RunEvent> {
  let last = after > 0 ? String(after) : undefined;
  for (let idle = 0; ; idle += 1) {
    let cause: unknown;
    try {
      for await (const { id, event } of connectOnce(http, runId, last, signal)) {
        idle = 0;
        last = id;
        yield event;
        if (isRunEnd(event.type)) return;
      }
    } catch (error) {
      if (signal?.aborted) throw error;
      const known = toPlanyardError(error, 'unavailable');
      if (!known.retryable) throw known;
      cause = known;
    }
    if (idle >= patience)
      throw new PlanyardError('unavailable', `Run ${runId} cannot be followed`, { cause });
    await new Promise((resolve) => setTimeout(resolve, Math.min(250 * 2 ** idle, 5_000)));
    signal?.throwIfAborted();
  }
}

async function* connectOnce(
  http: Http,
  runId: string,
  after: string | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ id: string | undefined; event: RunEvent }> {
  const response = await http.open('GET', `/v1/runs/${encodeURIComponent(runId)}/events`, {
    headers: { accept: 'text/event-stream', 'last-event-id': after },
    ...(signal ? { signal } : {}),
  });
  if (!response.body) return;
  const messages: ReadableStream<EventSourceMessage> = response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream());
  for await (const { id, data } of messages)
    yield { id, event: RunEvent.parse(JSON.parse(data)) as RunEvent };
}
