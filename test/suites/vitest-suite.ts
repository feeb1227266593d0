import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { installed, root, runNode } from './run-command.ts';
import { oneResult, type Suite, type SuiteResult } from './suite.ts';

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  success: boolean;
  testResults: Array<{
    name: string;
    assertionResults: Array<{ status: string; ancestorTitles: string[]; title: string }>;
  }>;
}

/** Names what was skipped: a file's describe block where there is one, else the test. */
function skippedNames(report: VitestReport): string[] {
  const names = report.testResults.flatMap((file) =>
    file.assertionResults
      .filter((test) => test.status === 'skipped' || test.status === 'pending')
      .map((test) => `${relative(root, file.name)}: ${test.ancestorTitles[0] || test.title}`),
  );
  return [...new Set(names)];
}

function resultOf(report: VitestReport, ok: boolean): SuiteResult {
  // A crash outside any test fails the suite too.
  const failed = report.numFailedTests || (ok ? 0 : 1);
  const notes = skippedNames(report).map((name) => `skipped: ${name}`);
  return { passed: report.numPassedTests, failed, skipped: report.numPendingTests, notes };
}

/** The vitest files under these directories, with the database they are given. */
export function vitestSuite(
  name: string,
  directories: string[],
  databaseUrl: () => string | undefined,
): Suite {
  return {
    name,
    run: async () => {
      const dir = await mkdtemp(join(tmpdir(), 'planyard-report-'));
      const file = join(dir, 'report.json');
      const url = databaseUrl();
      try {
        const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
        const ok = await runNode(
          [installed('vitest/vitest.mjs'), 'run', ...directories, '--passWithNoTests', ...reporters],
          // Only there to end what hangs: they take four minutes on two cores, several times that on busy ones.
          { limitMs: 1_800_000, env: url ? { DATABASE_URL: url } : {} },
        );
        const text = await readFile(file, 'utf8').catch(() => undefined);
        return text ? resultOf(JSON.parse(text) as VitestReport, ok) : oneResult(ok);
      } finally {
        await rm(dir, { recursive: true, force: true });
      }
    },
  };
}
