import { randomInt } from 'node:crypto';
import { chaosSuite } from './suites/chaos-suite.ts';
import { staticSuites } from './suites/static-suites.ts';
import type { Suite, SuiteResult } from './suites/suite.ts';
import { vitestSuite } from './suites/vitest-suite.ts';
import { testEnv } from './support/env.ts';
import { startPostgres, type TestPostgres } from './support/start-postgres.ts';

// What `npm test` runs. `npm test -- types unit` runs the suites whose names start so.

function say(line: string) {
  process.stdout.write(`${line}\n`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

let postgres: TestPostgres | undefined;
let postgresMissing = '';

/** One real Postgres for all suites that want one. */
async function preparePostgres(): Promise<void> {
  if (postgres || postgresMissing) return;
  const { cacheDir, databaseUrl } = testEnv();
  try {
    postgres = await startPostgres({ databaseUrl, cacheDir, progress: say });
    say(`  Postgres 17 with pgvector from ${postgres.origin}`);
  } catch (error) {
    postgresMissing = error instanceof Error ? error.message : String(error);
    say(`  no real Postgres here: ${postgresMissing}`);
  }
}

const suites: Suite[] = [
  ...staticSuites,
  vitestSuite('unit', ['packages/', 'services/'], () => postgres?.url),
  vitestSuite('stories', ['test/'], () => postgres?.url),
  chaosSuite(randomInt(1, 1_000_000)),
];

const wanted = process.argv.slice(2);
const chosen = suites.filter(
  (suite) => wanted.length === 0 || wanted.some((name) => suite.name.startsWith(name)),
);

const results: Array<{ name: string; ms: number; result: SuiteResult }> = [];
try {
  for (const suite of chosen) {
    say(`\n▸ ${suite.name}`);
    if (suite.name === 'unit' || suite.name === 'stories') await preparePostgres();
    const startedAt = Date.now();
    const result = await suite.run();
    const ms = Date.now() - startedAt;
    results.push({ name: suite.name, ms, result });
    say(`  ${result.failed > 0 ? 'FAILED' : result.passed > 0 ? 'ok' : 'not run'}  ${seconds(ms)}`);
  }
} finally {
  await postgres?.close();
}

say(
  `\n${'suite'.padEnd(38)}${'passed'.padStart(8)}${'failed'.padStart(8)}${'skipped'.padStart(9)}${'time'.padStart(10)}`,
);
for (const { name, ms, result } of results) {
  const counts = [
    String(result.passed).padStart(8),
    String(result.failed).padStart(8),
    String(result.skipped).padStart(9),
  ].join('');
  say(`${name.padEnd(38)}${counts}${seconds(ms).padStart(10)}`);
  for (const note of result.notes) say(`  ${note}`);
}
if (postgresMissing) say(`  Suites on real Postgres could not run here: ${postgresMissing}`);

const total = (count: 'passed' | 'failed' | 'skipped') =>
  results.reduce((sum, { result }) => sum + result[count], 0);
say(`\n${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`);
process.exitCode = total('failed') > 0 || results.length === 0 ? 1 : 0;
