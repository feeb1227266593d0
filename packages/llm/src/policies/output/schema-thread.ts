import { cpuMsSince, TooLong } from './bounded-check.ts';
import { createSchemaCheck, MOST_MS } from './schema-check.ts';

export interface ThreadCheck {
  schema: string;
  text: string | null;
}

/** What a check in the thread gave, and the CPU that it took: classes of errors do not travel. */
export type ThreadReply = { cpuMs: number } & (
  | { faults: string[] }
  | { tooLong: true }
  | { noSchema: string }
);

const check = createSchemaCheck(MOST_MS);

/** The whole of the thread that checks what takes longer. */
export function checkInThread({ schema, text }: ThreadCheck): ThreadReply {
  const begun = process.threadCpuUsage();
  try {
    const faults = check(schema, text);
    return { faults, cpuMs: cpuMsSince(begun) };
  } catch (error) {
    const cpuMs = cpuMsSince(begun);
    return error instanceof TooLong
      ? { tooLong: true, cpuMs }
      : { noSchema: (error as Error).message, cpuMs };
  }
}
