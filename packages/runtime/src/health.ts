export interface HealthCheck {
  /** The dependency, as an operator knows it: `redis`, `postgres`. */
  name: string;
  /** Rejects when the dependency cannot be used. */
  check(): Promise<unknown>;
  /** The process serves without it: it is told, with the reason, and the rest decides. */
  advisory?: boolean;
}

export interface Health {
  ok: boolean;
  checks: Array<{ name: string; ok: boolean; detail?: string }>;
}

/** null when it was done in time, else what came between. */
async function faultOf(ms: number, work: Promise<unknown>): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('it does not answer'), ms);
  });
  const done = work.then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  return await Promise.race([done, late]).finally(() => clearTimeout(timer));
}

/** Runs all checks at once; one that does not answer within `timeoutMs` counts as down. */
export async function checkHealth(checks: readonly HealthCheck[], timeoutMs = 2_000): Promise<Health> {
  const results = await Promise.all(
    checks.map(async ({ name, check, advisory = false }) => {
      const fault = await faultOf(timeoutMs, Promise.try(check));
      // Errors of dependencies may name hosts and users; those of advisory checks are written to be told.
      const told = { name, ok: fault === null, ...(advisory && fault !== null ? { detail: fault } : {}) };
      return { told, serves: advisory || fault === null };
    }),
  );
  return { ok: results.every(({ serves }) => serves), checks: results.map(({ told }) => told) };
}

/** Up when Redis takes a write: at maxmemory, or with a full disk, it still answers a PING. */
export function redisHealthCheck(redis: {
  set(key: string, value: string, unit: 'PX', ms: number): Promise<unknown>;
}): HealthCheck {
  return { name: 'redis', check: () => redis.set('planyard:health', '1', 'PX', 1_000) };
}
