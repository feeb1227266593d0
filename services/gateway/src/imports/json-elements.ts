/** One value of a JSON array or of newline-delimited JSON, unparsed. */
export interface JsonElement {
  line: number;
  text: string;
}

/** No row is this long: what is, is not a list of rows. */
const longest = 1024 * 1024;

/**
 * Cuts text into the elements of a top-level array, or into the values that follow each other (NDJSON), without holding
 * more than one. It only follows brackets and strings: each element is judged by JSON.parse. Throws RangeError for an
 * element over 1 MiB.
 */
export async function* splitJson(chunks: AsyncIterable<string>): AsyncGenerator<JsonElement> {
  let line = 1;
  let startLine = 1;
  let text = '';
  let depth = 0;
  let inString = false;
  let escaped = false;
  let list: 'unknown' | 'array' | 'values' | 'over' = 'unknown';
  for await (const chunk of chunks) {
    // Where the part of the current element that lies in this chunk begins.
    let from = 0;
    const ready: JsonElement[] = [];
    const finish = (to: number) => {
      const element = text + chunk.slice(from, to);
      if (element.trim() !== '') ready.push({ line: startLine, text: element });
      text = '';
    };
    for (let at = 0; at < chunk.length; at += 1) {
      const char = chunk[at] as string;
      if (char === '\n') line += 1;
      if (inString) {
        if (escaped) escaped = false;
        else if (char === '\\') escaped = true;
        else if (char === '"') inString = false;
        continue;
      }
      const outside = depth === 0 && text.trim() === '' && chunk.slice(from, at).trim() === '';
      if (outside && /\s|\uFEFF/.test(char)) {
        from = at + 1;
        text = '';
        continue;
      }
      if (list === 'unknown') {
        list = char === '[' ? 'array' : 'values';
        if (list === 'array') {
          from = at + 1;
          continue;
        }
      }
      if (outside) startLine = line;
      if (char === '"') inString = true;
      else if (char === '{' || char === '[') depth += 1;
      else if (depth > 0 && (char === '}' || char === ']')) {
        depth -= 1;
        if (depth === 0 && list === 'values') {
          finish(at + 1);
          from = at + 1;
        }
      } else if (depth === 0 && list === 'array' && (char === ',' || char === ']')) {
        finish(at);
        from = at + 1;
        if (char === ']') list = 'over';
      } else if (depth === 0 && list === 'values' && char === '\n') {
        finish(at);
        from = at + 1;
      }
    }
    yield* ready;
    text += chunk.slice(from);
    if (text.length > longest)
      throw new RangeError(`the value on line ${startLine} is longer than ${longest} bytes`);
  }
  if (text.trim() !== '') yield { line: startLine, text };
  // Said by an element that no parser accepts: the list was never closed.
  if (list === 'array') yield { line, text: '' };
}
