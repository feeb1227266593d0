import type { Usage } from '@planyard/contracts';
import type { RawPiece } from '../../contract.ts';
import { ModelError } from '../../model-error.ts';
import { fromErrorReply, untilBroken } from '../failures.ts';
import { errorText } from './error-text.ts';
import { refuseBroken } from './finish-reason.ts';
import { usageOf } from './usage.ts';

/** What of an event decides how it is passed on. */
interface Chunk {
  choices?: { index?: number; delta?: Record<string, unknown>; finish_reason?: unknown }[];
  usage?: unknown;
  service_tier?: unknown;
  error?: unknown;
}

/** Bytes in which there may be something to look at: only these are parsed. `latin1` text, so ASCII stands for itself. */
const NOTABLE = /"error"\s*:|"usage"\s*:\s*\{|"finish_reason"\s*:\s*"|\[DONE\]/;
const DONE = 'data: [DONE]\n\n';

/**
 * Passes server-sent events on as they come, up to the last whole one of each packet. Nothing is passed on before an event
 * that holds part of the answer, so that whoever asks may ask another until then. Throws on an error event, and for a stream
 * that ends without a finish reason.
 */
export async function* sniffStream(
  provider: string,
  body: AsyncIterable<Buffer>,
  { hideUsage, answers }: { hideUsage: boolean; answers: number },
): AsyncIterable<RawPiece> {
  /** What came of an event that is not whole yet, and its last bytes, with which a blank line may begin. */
  let rest: Buffer[] = [];
  let tail: Buffer = Buffer.alloc(0);
  let held: Buffer[] | null = [];
  let roleTold = false;
  /** The answers that have ended, by their index. */
  const finished = new Set<number>();
  /** The answers that have begun. */
  const begun = new Set<number>();
  let done = false;

  /** Each answer that began has ended, and each that was asked for began; who says that it is done may give fewer. */
  const isWhole = () =>
    finished.size > 0 &&
    [...begun].every((index) => finished.has(index)) &&
    (done || finished.size >= answers);

  /** The events to pass on, and the usage among them. */
  function look(bytes: Buffer): RawPiece {
    const text = bytes.toString('latin1');
    // Of several answers each must be known to have ended.
    if (held === null && answers === 1 && !NOTABLE.test(text)) return { bytes, usage: null };
    let usage: Usage | null = null;
    const kept: string[] = [];
    for (const event of text.split(/(?<=\r?\n\r?\n|\r\r)/)) {
      const data = dataOf(event);
      if (data === '[DONE]') {
        done = true;
        if (!isWhole()) throw cutOff();
      }
      const chunk = data === null || data === '[DONE]' ? null : (JSON.parse(utf8(data)) as Chunk);
      if (chunk?.error) throw fromErrorReply(provider, errorText(chunk.error));
      for (const { index = 0, finish_reason } of chunk?.choices ?? []) {
        begun.add(index);
        if (!finish_reason) continue;
        refuseBroken(finish_reason);
        finished.add(index);
      }
      usage = usageOf(chunk ?? {}) ?? usage;
      // Asked for by us, not by the caller: the last event, which has nothing but usage.
      if (hideUsage && chunk?.usage && chunk.choices?.length === 0) continue;
      if (held !== null && (finished.size > 0 || chunk?.choices?.some(({ delta }) => saysSomething(delta)))) {
        kept.unshift(...held.map((early) => early.toString('latin1')));
        held = null;
      }
      const passed = !roleTold && chunk !== null && held === null ? withRole(chunk, event) : event;
      roleTold ||= held === null || (chunk?.choices?.some(({ delta }) => delta?.role) ?? false);
      if (held === null) kept.push(passed);
      else held.push(Buffer.from(event, 'latin1'));
    }
    return { bytes: Buffer.from(kept.join(''), 'latin1'), usage, ...(done ? { ends: true } : {}) };
  }

  for await (const packet of untilBroken(body, isWhole)) {
    const latest = rest.length === 0 ? packet : Buffer.concat([tail, packet]);
    rest.push(packet);
    if (wholeEvents(latest) === 0) {
      tail = latest.subarray(-3);
      continue;
    }
    const bytes = rest.length === 1 ? packet : Buffer.concat(rest);
    const end = wholeEvents(bytes);
    rest = end === bytes.length ? [] : [bytes.subarray(end)];
    tail = bytes.subarray(Math.max(end, bytes.length - 3));
    const piece = look(bytes.subarray(0, end));
    if (piece.bytes.length > 0 || piece.usage) yield piece;
  }
  // Some servers leave out the last blank line.
  const last = Buffer.concat(rest);
  if (last.toString('latin1').trim() !== '') yield look(Buffer.concat([last, Buffer.from('\n\n')]));
  if (!isWhole()) throw cutOff();
  if (!done) yield { bytes: Buffer.from(DONE), usage: null, ends: true };
}

function cutOff(): ModelError {
  return new ModelError('bad_reply', 'the reply was cut off before its end');
}

/** Blank lines, by any of the three line ends of server-sent events. */
const BLANK_LINES = ['\n\n', '\r\n\r\n', '\r\r'];

/** Where the last whole event ends. */
function wholeEvents(bytes: Buffer): number {
  return Math.max(
    ...BLANK_LINES.map((blank) => {
      const at = bytes.lastIndexOf(blank);
      return at < 0 ? 0 : at + blank.length;
    }),
  );
}

function dataOf(event: string): string | null {
  const lines = event.split(/\r\n?|\n/).filter((line) => line.startsWith('data:'));
  return lines.length === 0 ? null : lines.map((line) => line.slice(5).trimStart()).join('\n');
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}

/** Some servers never say the role, which clients that put a message together insist on. */
function withRole(chunk: Chunk, event: string): string {
  const [first] = chunk.choices ?? [];
  if (!first || first.delta?.role) return event;
  first.delta = { role: 'assistant', ...first.delta };
  return Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`).toString('latin1');
}

/** Not the role alone, with which most servers begin. */
function saysSomething(delta: Record<string, unknown> | undefined): boolean {
  return Object.entries(delta ?? {}).some(
    ([key, value]) => key !== 'role' && value !== null && value !== '' && value !== undefined,
  );
}
