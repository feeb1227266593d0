import { closeSync, openSync, renameSync, statSync, writeSync } from 'node:fs';

/** A file past this size is put aside at the next start, in place of the one put aside before. */
const maxBytes = 50 * 1024 * 1024;

function isLarge(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > maxBytes;
}

/** A JSON line as a person reads it: time, service, what happened. */
function readable(line: string): string {
  const entry = JSON.parse(line) as {
    time: string;
    service: string;
    message: string;
    err?: { message?: string };
  };
  return `${entry.time} ${entry.service}: ${entry.message}${entry.err?.message ? `: ${entry.err.message}` : ''}\n`;
}

export interface LogFile {
  path: string;
  write(line: string): void;
  close(): void;
}

/** Logs go to a file, so that the terminal stays readable; errors show on the terminal too, and that they are over. */
export function openLogFile(path: string, terminal: { write(text: string): unknown }): LogFile {
  if (isLarge(path)) renameSync(path, `${path}.1`);
  const file = openSync(path, 'a', 0o600);
  return {
    path,
    write(line) {
      writeSync(file, line);
      if (/"level":"(error|fatal)"|"recovered":true/.test(line)) terminal.write(readable(line));
    },
    close: () => closeSync(file),
  };
}
