export interface HealthCheck {
  /** The dependency, as an operator knows it: `redis`, `postgres`. */
  name: string;
  /** Rejects when the dependency cannot be used. */
  check(): Promise<unknown>;
}

export interface Health {
  ok: boolean;
  checks: Array<{ name: string; ok: boolean }>;
}

async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const done = work.then(
    () => true,
    () => false,
  );
  return await Promise.race([done, late]).finally(() => clearTimeout(timer));
}

/** Runs all checks at once; one that does not answer within `timeoutMs` counts as down. */
export async function checkHealth(checks: readonly HealthCheck[], timeoutMs = 2_000): Promise<Health> {
  const results = await Promise.all(
    checks.map(async ({ name, check }) => ({ name, ok: await within(timeoutMs, Promise.try(check)) })),
  );
  return { ok: results.every((result) => result.ok), checks: results };
}

/** Up when Redis takes a write: at maxmemory, or with a full disk, it still answers a PING. */
export function redisHealthCheck(redis: {
  set(key: string, value: string, unit: 'PX', ms: number): Promise<unknown>;
}): HealthCheck {
  return { name: 'redis', check: () => redis.set('planyard:health', '1', 'PX', 1_000) };
}
