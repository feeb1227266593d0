import { once } from 'node:events';
import type { Response } from 'express';

export interface SseMessage {
  id: string;
  event: string;
  data: unknown;
}

/** One message as it goes over the wire (WHATWG HTML, server-sent events). */
function formatSse({ id, event, data }: SseMessage): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/**
 * Writes messages until the source ends or the signal aborts. Takes the next one only when the socket has drained,
 * so a slow reader costs one message of memory. A comment goes out every `heartbeatMs` for proxies that cut silence.
 */
export async function sendSse(
  res: Response,
  messages: AsyncIterable<SseMessage>,
  signal: AbortSignal,
  heartbeatMs = 15_000,
): Promise<void> {
  res.status(200).set({
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
  });
  res.flushHeaders();
  const heartbeat = setInterval(() => {
    if (!res.writableNeedDrain) res.write(': heartbeat\n\n');
  }, heartbeatMs);
  try {
    for await (const message of messages) {
      if (signal.aborted) break;
      if (!res.write(formatSse(message))) await once(res, 'drain', { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(heartbeat);
    res.end();
  }
}
