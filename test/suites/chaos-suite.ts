import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { root, runNode } from './run-command.ts';
import { oneResult, type Suite, skippedResult } from './suite.ts';

const entry = 'test/chaos/main.ts';

/** A short chaos run under a new seed each time; the seed is printed to repeat it with `npm run chaos`. */
export function chaosSuite(seed: number): Suite {
  return {
    name: 'chaos, short',
    run: async () => {
      const exists = await access(join(root, entry)).then(
        () => true,
        () => false,
      );
      if (!exists) return skippedResult(`skipped: ${entry} is not in this checkout`);
      // On a slow machine a run whose workers die again and again takes its time.
      const args = ['--runs', '100', '--kills', '20', '--patience', '240', '--seed', String(seed)];
      const ok = await runNode([entry, ...args], { limitMs: 1_200_000 });
      return oneResult(ok, ok ? [] : [`repeat it: npm run chaos -- ${args.join(' ')}`]);
    },
  };
}
