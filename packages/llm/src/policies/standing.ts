/** How many calls each model has under way in this process, and how quickly it answered lately. */
export interface Standing {
  inFlight(id: string): number;
  /** To the first piece of a reply, recent calls weighing most; null before the first. */
  latencyMs(id: string): number | null;
  /** Counts a stream in while it is open, and times its first element. */
  watch<T>(id: string, open: () => AsyncIterable<T>): AsyncIterable<T>;
}

/** Share of the newest latency in the moving average. */
const NEWEST = 0.3;
/** Models whose latency is remembered. */
const MOST = 1_000;

export function createStanding(now: () => number): Standing {
  const flights = new Map<string, number>();
  const latencies = new Map<string, number>();
  const inFlight = (id: string) => flights.get(id) ?? 0;

  function note(id: string, ms: number) {
    const known = latencies.get(id);
    // Callers may invent names.
    if (known === undefined && latencies.size >= MOST) latencies.delete(latencies.keys().next().value ?? '');
    latencies.set(id, known === undefined ? ms : known + NEWEST * (ms - known));
  }

  async function* watch<T>(id: string, open: () => AsyncIterable<T>): AsyncIterable<T> {
    const startedAt = now();
    let first = true;
    flights.set(id, inFlight(id) + 1);
    try {
      for await (const element of open()) {
        if (first) note(id, now() - startedAt);
        first = false;
        yield element;
      }
    } catch (error) {
      // A model that fails at once would else look quick.
      if (first) note(id, Math.max(now() - startedAt, 2 * (latencies.get(id) ?? 1_000)));
      throw error;
    } finally {
      const left = inFlight(id) - 1;
      if (left > 0) flights.set(id, left);
      else flights.delete(id);
    }
  }

  return { inFlight, latencyMs: (id) => latencies.get(id) ?? null, watch };
}
