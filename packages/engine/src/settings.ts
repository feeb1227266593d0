/** What an operator may set; times are milliseconds. */
export interface EngineSettings {
  /** Runs are spread over this many hash tags; a Redis Cluster spreads those over its nodes. */
  partitions: number;
  /** First part of every key. */
  namespace: string;
  /** A holder that has not renewed for so long is taken for dead. */
  lease_ms: number;
  /** A cancelled run's workers see it at their next renewal, if the message does not tell them before. */
  renew_ms: number;
  /** A released step that has not begun after this long is looked after by the reconciler. */
  due_grace_ms: number;
  /** How often the reconciler looks again at a step that waits in its queue. */
  due_recheck_ms: number;
  /** `submitRun` refuses above so many open runs in a partition. */
  open_runs_cap: number;
  run_in_flight: number;
  /** Per partition. */
  tenant_in_flight: number;
  /** How long Redis keeps an ended run beside the archive. */
  ended_ttl_ms: number;
  retry_base_ms: number;
  retry_cap_ms: number;
}

export const DEFAULT_SETTINGS: EngineSettings = {
  partitions: 1,
  namespace: 'py',
  lease_ms: 5_000,
  renew_ms: 750,
  due_grace_ms: 2_000,
  due_recheck_ms: 5_000,
  open_runs_cap: 1_000,
  run_in_flight: 128,
  tenant_in_flight: 1_024,
  ended_ttl_ms: 3_600_000,
  retry_base_ms: 200,
  retry_cap_ms: 30_000,
};
