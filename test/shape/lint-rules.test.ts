import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const imports = 'noRestrictedImports';

/** File, source, and the rule that must refuse it (none: it must pass). */
const cases: Array<[file: string, source: string, rule?: string]> = [
  ['packages/contracts/src/a.ts', `export { b } from '@planyard/runtime';`, imports],
  ['packages/runtime/src/a.ts', `export { b } from '@planyard/contracts';`, imports],
  ['packages/engine/src/a.ts', `export { b } from '@planyard/contracts';`],
  ['packages/engine/src/b.ts', `export { b } from '@planyard/store';`, imports],
  ['packages/engine/src/c.ts', `export type { B } from '@planyard/store';`, imports],
  ['packages/engine/src/d.ts', `export const b = await import('@planyard/store');`, imports],
  ['packages/engine/src/e.ts', `export { b } from '@planyard/contracts/src/plan.ts';`, imports],
  ['packages/engine/src/f.ts', `export { b } from '../../contracts/src/plan.ts';`, imports],
  ['packages/llm/src/a.ts', `export { b } from '@planyard/engine';`, imports],
  ['packages/planning/src/a.ts', `export { b } from '@planyard/llm';`, imports],
  ['packages/store/src/a.ts', `export { b } from '@planyard/runtime';`, imports],
  ['packages/sdk/src/a.ts', `export { b } from '@planyard/store';`, imports],
  ['packages/cli/src/a.ts', `export { b } from '@planyard/sdk';`],
  ['packages/cli/src/b.ts', `export { b } from '@planyard/engine';`, imports],
  ['packages/console/src/a.ts', `export { b } from '@planyard/sdk';`],
  ['packages/console/src/b.ts', `export { b } from '@planyard/gateway';`, imports],
  ['services/gateway/src/a.ts', `export { b } from '@planyard/engine';`],
  ['services/gateway/src/b.ts', `export { b } from '@planyard/planner';`, imports],
  ['services/gateway/src/c.ts', `export { b } from '../../planner/src/index.ts';`, imports],
  ['services/planner/src/a.ts', `export { b } from '@planyard/tool-worker';`, imports],
  ['services/results/src/a.ts', `export { b } from '@planyard/standalone';`, imports],
  ['services/results/src/b.ts', `export { b } from '@planyard/sdk';`, imports],
  ['services/results/src/c.test.ts', `export { b } from '@planyard/store/testing';`],
  ['services/results/src/d.test.ts', `export { b } from '@planyard/store/migrations';`, imports],
  ['packages/llm/src/b.test.ts', `export { b } from '@planyard/store/testing';`, imports],
  ['services/tool-worker/src/a.ts', `export { b } from '@planyard/sdk';`],
  ['services/tool-worker/src/b.ts', `export { b } from '@planyard/gateway';`, imports],
  ['services/standalone/src/a.ts', `export { b } from '@planyard/gateway';`],
  ['services/standalone/src/b.ts', `export { b } from '@planyard/gateway/src/service.ts';`, imports],
  ['packages/store/src/default.ts', 'export default 1;', 'noDefaultExport'],
  ['packages/store/src/star.ts', `export * from './a.ts';`, 'noReExportAll'],
  ['packages/store/src/env-use.ts', 'export const a = 1;'],
  ['packages/store/src/connect.ts', 'export const a = process.env.A;', 'noProcessEnv'],
  ['packages/store/src/config.ts', 'export const a = process.env.A;'],
  ['packages/store/src/log.ts', `console.log('a');`, 'noConsole'],
  ['packages/store/src/any.ts', 'export const a = (b: any) => b;', 'noExplicitAny'],
  ['packages/store/src/enum.ts', 'export enum A {\n  B,\n}', 'noEnum'],
  ['packages/store/src/camelCase.ts', 'export const a = 1;', 'useFilenamingConvention'],
  [
    'packages/store/src/floating.ts',
    'async function a(): Promise<void> {}\nexport const b = () => {\n  a();\n};',
    'noFloatingPromises',
  ],
  [
    'packages/store/src/cycle-a.ts',
    `import { b } from './cycle-b.ts';\nexport const a = () => b();`,
    'noImportCycles',
  ],
  [
    'packages/store/src/cycle-b.ts',
    `import { a } from './cycle-a.ts';\nexport const b = () => a();`,
    'noImportCycles',
  ],
];

const root = resolve(import.meta.dirname, '../..');
const rulesByFile = new Map<string, string[]>();
let dir = '';

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'planyard-lint-'));
  await copyFile(join(root, 'biome.json'), join(dir, 'biome.json'));
  await mkdir(join(dir, '.git'));
  for (const [file, source] of cases) {
    await mkdir(dirname(join(dir, file)), { recursive: true });
    await writeFile(join(dir, file), `${source}\n`);
  }
  const args = ['lint', '--reporter=json', '--max-diagnostics=none', '--vcs-enabled=false', '.'];
  // Biome exits with 1 here: nearly every file is refused.
  const stdout = await new Promise<string>((done) => {
    const options = { cwd: dir, maxBuffer: 16 * 1024 * 1024 };
    execFile(join(root, 'node_modules/.bin/biome'), args, options, (_error, output) => done(output));
  });
  const report = JSON.parse(stdout) as {
    diagnostics: Array<{ category: string; severity: string; location: { path: string | { file: string } } }>;
  };
  for (const { category, severity, location } of report.diagnostics) {
    if (severity !== 'error') continue;
    const file = typeof location.path === 'string' ? location.path : location.path.file;
    rulesByFile.set(file, [...(rulesByFile.get(file) ?? []), category.split('/').at(-1) ?? '']);
  }
});

afterAll(() => rm(dir, { recursive: true, force: true }));

test.each(cases)('%s: %s', (file, _source, rule) => {
  expect(rulesByFile.get(file) ?? []).toEqual(rule ? [rule] : []);
});
