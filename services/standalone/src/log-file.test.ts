import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@planyard/runtime';
import { expect, test } from 'vitest';
import { openLogFile } from './log-file.ts';

test('errors show on the terminal, and that they are over; all is in the file', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'planyard-log-')), 'planyard.log');
  const shown: string[] = [];
  const file = openLogFile(path, { write: (text: string) => shown.push(text) });
  const log = createLogger({ service: 'gateway', level: 'info', destination: file });
  log.info({}, 'a run ended');
  log.error({ err: new Error('refused') }, 'Redis cannot be reached');
  log.info({ recovered: true }, 'Redis is back');
  file.close();
  expect(shown.map((text) => text.slice(text.indexOf(' ')))).toEqual([
    ' gateway: Redis cannot be reached: refused\n',
    ' gateway: Redis is back\n',
  ]);
  expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(3);
});
