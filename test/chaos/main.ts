import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { runChaos } from './run-chaos.ts';

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
});
const { violations, ...figures } = report;
console.log(JSON.stringify(figures, null, 2));
for (const violation of violations.slice(0, 20)) console.log(`VIOLATION: ${violation}`);
console.log(violations.length === 0 ? 'chaos: all promises held' : `chaos: ${violations.length} violations`);
if (values.json) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
process.exitCode = violations.length === 0 ? 0 : 1;
