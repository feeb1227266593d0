import type { Engine } from '@planyard/engine';
import type { Compositions, PromptRegistry, SelectTools } from '@planyard/planning';
import type { HealthCheck, Logger } from '@planyard/runtime';
import type { Executor } from '@planyard/store';
import type { Queue } from 'bullmq';
import type { RememberingAuthenticate } from './auth/authenticate.ts';
import type { RateLimit } from './auth/rate-limit.ts';
import type { BeginBody } from './http/body-room.ts';
import type { HttpMetrics } from './http/http-metrics.ts';
import type { Idempotency } from './http/idempotency.ts';
import type { Similarities } from './routes/tool-similarities.ts';
import type { ScheduleQueue } from './schedules/schedule-queue.ts';

/** Everything the gateway's routes need from outside. */
export interface GatewayDeps {
  db: Executor;
  engine: Engine;
  authenticate: RememberingAuthenticate;
  rateLimit: RateLimit;
  idempotency: Idempotency;
  schedules: Pick<ScheduleQueue, 'add' | 'remove'>;
  /** Shown at `/admin/queues`. */
  queues: Queue[];
  checks: HealthCheck[];
  prompts: PromptRegistry;
  compositions: Compositions;
  selectTools: SelectTools;
  similarities: Similarities;
  log: Logger;
  metrics: HttpMetrics;
  beginBody: BeginBody;
  now: () => number;
  /** Aborted at shutdown: streams and waits end at once. */
  closing: AbortSignal;
  settings: GatewaySettings;
}

interface GatewaySettings {
  namespace: string;
  partitions: number;
  maxOpenRuns: number;
  importMaxBytes: number;
  /** In which a body must come. */
  bodyTimeoutMs: number;
  schedulesPerUser: number;
  /** Event streams, waits and uploads at once, in this process. */
  streamsPerUser: number;
  scheduleMinSeconds: number;
  bullBoardWrite: boolean;
  /** Proxies in front whose X-Forwarded-For is believed. */
  trustedProxies: number;
}
