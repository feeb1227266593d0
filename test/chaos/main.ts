import { writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { parseArgs } from 'node:util';
import { type ChaosReport, runChaos } from './run-chaos.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100' },
    kills: { type: 'string', default: '20' },
    /** Share of the kills that only freeze a process for 7 s. */
    freezes: { type: 'string', default: '0.2' },
    seed: { type: 'string', default: '1' },
    clients: { type: 'string', default: '12' },
    partitions: { type: 'string', default: '1' },
    /** Leaves a guard out: epoch, lease or reconciler. The run must then fail. */
    without: { type: 'string' },
    /** Seconds from acknowledgement within which a run must end. */
    patience: { type: 'string', default: '120' },
    json: { type: 'string' },
    /** Keeps the logs and journals and says where they are. */
    keep: { type: 'boolean', default: false },
  },
});

const stop = new AbortController();
// A second Ctrl-C quits: servers and services end with this process.
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.once(name, () => {
    process.stderr.write(`chaos: ${name}, ending everything\n`);
    process.exitCode = 128 + constants.signals[name];
    stop.abort();
  });

const report = await runChaos({
  runs: Number(values.runs),
  kills: Number(values.kills),
  freezes: Number(values.freezes),
  seed: Number(values.seed),
  clients: Number(values.clients),
  partitions: Number(values.partitions),
  patienceMs: Number(values.patience) * 1000,
  without: values.without,
  keep: values.keep,
  progress: (text) => process.stderr.write(`${text}\n`),
  signal: stop.signal,
}).catch((error: unknown) => {
  if (!stop.signal.aborted || !(error instanceof Error) || error.name !== 'AbortError') throw error;
});
if (report) await show(report);

async function show({ violations, ...figures }: ChaosReport): Promise<void> {
  console.log(JSON.stringify(figures, null, 2));
  for (const violation of violations.slice(0, 20)) console.log(`VIOLATION: ${violation}`);
  console.log(
    violations.length === 0 ? 'chaos: all promises held' : `chaos: ${violations.length} violations`,
  );
  if (values.json) await writeFile(values.json, `${JSON.stringify({ ...figures, violations }, null, 2)}\n`);
  process.exitCode = violations.length === 0 ? 0 : 1;
}
