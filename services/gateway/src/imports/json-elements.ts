import { JSONParser, TokenType } from '@streamparser/json';
import type { RowFault } from './import-row.ts';

/** One value of a JSON array or of newline-delimited JSON, with the line it begins on. */
export interface JsonElement {
  line: number;
  value: unknown;
}

/** No row is this long: what is, is not a list of rows. */
const longest = 1024 * 1024;
const newline = '\n'.charCodeAt(0);
const openingBracket = '['.charCodeAt(0);
/** Space, tab, line ends, and the bytes of a byte order mark. */
const blanks = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);

/**
 * The elements of a top-level array, or the values that follow each other (NDJSON), of which only those of one chunk are held.
 * Text that is not JSON, or a value over 1 MiB, is a fault and ends them.
 */
export async function* jsonElements(chunks: AsyncIterable<Buffer>): AsyncGenerator<JsonElement | RowFault> {
  const ready: (JsonElement | RowFault)[] = [];
  let parser: JSONParser | null = null;
  let failed = false;
  let chunk: Buffer = Buffer.alloc(0);
  /** Bytes before the chunk, and bytes of it whose line ends are counted. */
  let before = 0;
  let counted = 0;
  let line = 1;
  /** Where the value that is being read begins: line, and bytes before it. */
  let begun = null as { line: number; offset: number } | null;

  function lineAt(offset: number): number {
    for (let at = chunk.indexOf(newline, counted); at >= 0 && before + at < offset; ) {
      line += 1;
      counted = at + 1;
      at = chunk.indexOf(newline, counted);
    }
    return line;
  }

  function fail(message: string): void {
    if (!failed) ready.push({ line: begun?.line ?? line, message });
    failed = true;
  }

  function openParser(list: boolean): JSONParser {
    const opened = new JSONParser({
      paths: [list ? '$.*' : '$'],
      separator: list ? undefined : '',
      keepStack: false,
    });
    let inside = !list;
    opened.onToken = ({ token, offset }) => {
      if (inside && token !== TokenType.COMMA) begun ??= { line: lineAt(offset), offset };
      inside = true;
    };
    opened.onValue = ({ value }) => {
      ready.push({ line: begun?.line ?? line, value });
      begun = null;
    };
    // Where it stands the parser says in words of its own.
    opened.onError = ({ message }) =>
      fail(`not JSON: ${message.replace(/ (at chunk position|in state) .*/s, '')}`);
    return opened;
  }

  for await (const piece of chunks) {
    chunk = parser ? piece : Buffer.concat([chunk, piece]);
    if (!parser) {
      const first = chunk.find((byte) => !blanks.has(byte));
      if (first === undefined) continue;
      parser = openParser(first === openingBracket);
    }
    parser.write(chunk);
    lineAt(before + chunk.length);
    before += chunk.length;
    counted = 0;
    if (begun && before - begun.offset > longest) fail(`the value is longer than ${longest} bytes`);
    yield* ready.splice(0);
    if (failed) return;
  }
  if (!parser) return;
  parser.onError = () => fail('the text ends before its last value or list does');
  if (!parser.isEnded) parser.end();
  yield* ready.splice(0);
}
