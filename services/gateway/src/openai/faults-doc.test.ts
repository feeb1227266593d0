import { readFileSync } from 'node:fs';
import { ModelError, type ModelErrorKind } from '@planyard/llm';
import { expect, it } from 'vitest';
import { errorReply } from './error-reply.ts';

it('docs/faults.md says which status each kind of error has here', () => {
  const doc = readFileSync(new URL('../../../../docs/faults.md', import.meta.url), 'utf8');
  const rows = [...doc.matchAll(/^\| `(\w+)` \| `\w+` \| (\d+) \|/gm)].map(([, kind, status]) => ({
    kind,
    status: Number(status),
  }));
  expect(rows.length).toBeGreaterThan(10);
  for (const { kind, status } of rows)
    expect([kind, errorReply(new ModelError(kind as ModelErrorKind, 'failed')).status]).toEqual([
      kind,
      status,
    ]);
});
