import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createLogger, EXIT_STARTUP_ERROR, runMain, StartupError } from '@planyard/runtime';
import { readConfig, serviceEnv } from './config.ts';
import { keepRunning } from './kept-process.ts';
import { prepareDatabase } from './prepare-database.ts';

// What `npm run services` runs: the four services as separate processes, as many of each as asked for.

const services = ['gateway', 'planner', 'tool-worker', 'results'] as const;
type ServiceName = (typeof services)[number];

const usage = 'npm run services -- --gateway 1 --planner 2 --tool-worker 4 --results 1';

function counts(args: string[]): Record<ServiceName, number> {
  const option = { type: 'string', default: '1' } as const;
  const options = { gateway: option, planner: option, 'tool-worker': option, results: option };
  try {
    const { values } = parseArgs({ args, options, strict: true });
    return Object.fromEntries(
      services.map((name) => {
        const count = Number(values[name]);
        if (!Number.isInteger(count) || count < 0 || count > 100)
          throw new TypeError(`--${name} takes a count`);
        return [name, count];
      }),
    ) as Record<ServiceName, number>;
  } catch (error) {
    throw new StartupError(`${(error as Error).message}\n${usage}`);
  }
}

function print(line: string) {
  process.stdout.write(`${line}\n`);
}

await runMain(async () => {
  const wanted = counts(process.argv.slice(2));
  const config = readConfig();
  const done = await prepareDatabase({
    databaseUrl: config.DATABASE_URL,
    keyFile: resolve('.planyard/api-key'),
    now: new Date(),
    log: createLogger({ service: 'prepare', level: config.LOG_LEVEL }),
  });
  for (const line of done) print(line);

  let metricsPort = config.METRICS_PORT;
  const processes = services.flatMap((service) =>
    Array.from({ length: wanted[service] }, (_, index) => {
      const ports = { PORT: String(config.PORT + index), METRICS_PORT: String(metricsPort++) };
      const name = `${service}-${index + 1}`;
      const address = service === 'gateway' ? `http://localhost:${ports.PORT}, ` : '';
      print(`${name.padEnd(14)}| starting, ${address}metrics on port ${ports.METRICS_PORT}`);
      const entry = resolve(import.meta.dirname, `../services/${service}/src/main.ts`);
      return keepRunning({ name, entry, env: serviceEnv(ports), print });
    }),
  );

  const stopAll = (signal: NodeJS.Signals) => {
    for (const each of processes) each.stop(signal);
  };
  process.on('SIGINT', () => stopAll('SIGINT'));
  process.on('SIGTERM', () => stopAll('SIGTERM'));
  // Whoever started this process is gone.
  process.on('disconnect', () => stopAll('SIGTERM'));
  process.channel?.unref();
  const ends = await Promise.all(
    processes.map(async ({ ended }) => {
      const end = await ended;
      // What one service cannot start with, the others cannot serve without.
      if (end.startupError) stopAll('SIGTERM');
      return end;
    }),
  );
  if (ends.some((end) => end.startupError)) process.exitCode = EXIT_STARTUP_ERROR;
});
