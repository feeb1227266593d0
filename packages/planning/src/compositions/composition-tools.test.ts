import { COLLECT_TOOL, Composition, LONGEST_STEP_MS, ToolManifest } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { compositionTools } from './composition-tools.ts';

test('what a composition tells of its time is what a tool may tell, however long its steps are', () => {
  const tool = (timeout_ms: number) =>
    ToolManifest.parse({
      name: 'ci.search',
      description: '',
      input_schema: {},
      output_schema: {},
      effects: 'read',
      idempotent: true,
      timeout_ms,
      profile: { accuracy: 1, complexity: 'low' },
    });
  const steps = ['a', 'b'].map((id) => ({ id, tool: 'ci.search' }));
  const twice = Composition.parse({ name: 'twice', description: 'Looks twice.', steps });
  const collect = { ...tool(1), name: COLLECT_TOOL };
  const told = (timeout_ms: number) =>
    compositionTools([twice], [tool(timeout_ms), collect])[0]?.manifest.timeout_ms;
  expect(told(1_000)).toBe(2_000);
  expect(told(LONGEST_STEP_MS)).toBe(LONGEST_STEP_MS);
});
