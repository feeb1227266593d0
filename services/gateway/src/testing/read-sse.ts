import type { RunEvent } from '@planyard/contracts';

/** Events of a stream until it ends, and its comments. */
export async function readSse(
  response: Response,
  until: (event: RunEvent) => boolean = () => false,
): Promise<{ events: RunEvent[]; comments: string[] }> {
  const events: RunEvent[] = [];
  const comments: string[] = [];
  let rest = '';
  for await (const chunk of (response.body as ReadableStream<Uint8Array>).pipeThrough(
    new TextDecoderStream(),
  )) {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      if (block.startsWith(':')) comments.push(block.slice(1).trim());
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data === undefined) continue;
      const event = JSON.parse(data) as RunEvent;
      events.push(event);
      if (until(event)) return { events, comments };
    }
  }
  return { events, comments };
}
