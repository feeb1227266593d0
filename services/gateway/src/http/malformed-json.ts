import { LIMITS, PlanyardError } from '@planyard/contracts';
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';

/** In a longer text it would take up to seconds to find. */
const LONGEST = 256 * 1024;

/**
 * `malformed_json` with line and column, counted from 1, of the first fault. Nothing of the text is in it, unlike in the
 * errors of `JSON.parse`, which know no position for some faults. A text too deep to be looked through is `too_deep`; in one over
 * 256 KiB nothing is looked for.
 */
export function malformedJson(text: string): PlanyardError {
  if (text.length > LONGEST) return new PlanyardError('malformed_json');
  const faults: ParseError[] = [];
  try {
    parse(text, faults, { disallowComments: true });
  } catch (error) {
    // The parser recurses.
    if (!(error instanceof RangeError)) throw error;
    return new PlanyardError('too_deep', `The body is nested deeper than ${LIMITS.json_depth} levels`);
  }
  const [fault] = faults;
  if (!fault) return new PlanyardError('malformed_json');
  const before = text.slice(0, fault.offset);
  const line = before.split('\n').length;
  const column = fault.offset - before.lastIndexOf('\n');
  const what = printParseErrorCode(fault.error).replace(/\B[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  const message = `${what} at line ${line}, column ${column}`;
  return new PlanyardError('malformed_json', message, { errors: [{ path: 'body', message }] });
}
