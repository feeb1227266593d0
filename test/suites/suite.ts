/** What a suite counted. `notes` are printed under it in the summary: what could not run here, and why. */
export interface SuiteResult {
  passed: number;
  failed: number;
  skipped: number;
  notes: string[];
}

export interface Suite {
  name: string;
  run(): Promise<SuiteResult>;
}

export function oneResult(ok: boolean, notes: string[] = []): SuiteResult {
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0, notes };
}

export function skippedResult(reason: string): SuiteResult {
  return { passed: 0, failed: 0, skipped: 1, notes: [reason] };
}
