import { installed, runNode } from './run-command.ts';
import { oneResult, type Suite } from './suite.ts';

/** Only there to end what hangs: a slow machine is no reason to fail. */
const limitMs = 600_000;

/** What can be said without running our code. */
export const staticSuites: Suite[] = [
  {
    name: 'types',
    run: async () =>
      oneResult(await runNode([installed('typescript/bin/tsc'), '--noEmit', '-p', '.'], { limitMs })),
  },
  {
    // Style, import rules between packages, import cycles: biome.json; test/shape shows that each rule bites.
    name: 'lint, import rules, cycles',
    run: async () =>
      oneResult(
        await runNode([installed('@biomejs/biome/bin/biome'), 'ci', '--error-on-warnings', '.'], { limitMs }),
      ),
  },
  {
    name: 'unused files, exports, dependencies',
    run: async () => oneResult(await runNode([installed('knip/bin/knip.js')], { limitMs })),
  },
];
