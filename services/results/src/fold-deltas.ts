import type { RunEvent } from '@planyard/contracts';

/** The archive keeps an answer's deltas as one, under the number of the last: a reader who has seen some is told the answer anew. */
export function foldDeltas(events: RunEvent[]): RunEvent[] {
  const folded: RunEvent[] = [];
  for (const event of events) {
    const before = folded.at(-1);
    if (
      event.type === 'answer.delta' &&
      before?.type === 'answer.delta' &&
      before.data.attempt === event.data.attempt
    )
      folded[folded.length - 1] = {
        ...event,
        data: { ...event.data, text: before.data.text + event.data.text },
      };
    else folded.push(event);
  }
  return folded;
}
