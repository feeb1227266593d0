import { PlanyardError } from '@planyard/sdk';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { duration, table } from '../output/text.ts';
import type { Session } from '../session.ts';
import type { Output, Shell } from '../shell.ts';

/** More are not asked unless they are named: each costs a call. */
const ASKED_UNNAMED = 20;

/** `planyard models …`. */
export function addModels(program: Command, { add, session }: Shell): void {
  const models = program.command('models').description('language models');
  add(models, 'list', 'routes, and the models that providers offer').action((options: Output) =>
    listModels(session(options)),
  );
  add(
    models,
    'test',
    'a real, tiny call to each, with its latency and cost; those of all routes unless named',
  )
    .argument('[model...]', 'a route or provider/model')
    .action((named: string[], options: Output) => testModels(session(options), named));
}

async function listModels({ client, io, format }: Session): Promise<void> {
  const { data } = await client.models.list();
  if (format === 'json') {
    io.out(`${JSON.stringify(data, null, 2)}\n`);
    return;
  }
  const rows = data.map(({ id, planyard }) => [
    id,
    planyard.kind,
    planyard.kind === 'route' ? (planyard.models ?? []).join(', ') : (planyard.breaker ?? ''),
  ]);
  io.out(table(['MODEL', 'KIND', 'BREAKER OR MODELS'], rows, io.outColumns));
}

/** A real, tiny call to each model: the named ones, else those of all routes, else all that are listed. Fails when one does. */
async function testModels({ client, io, format }: Session, named: string[]): Promise<void> {
  const models = named.length > 0 ? named : unnamed((await client.models.list()).data);
  const results = [];
  for (const model of models) {
    const startedAt = io.now();
    const { reply, error } = await client.models.test(model).then(
      (answered) => ({ reply: answered, error: null }),
      (thrown: unknown) => ({
        reply: null,
        error: thrown instanceof PlanyardError ? thrown.message : String(thrown),
      }),
    );
    results.push({
      model,
      ok: error === null,
      answered_by: reply?.answered_by ?? null,
      latency_ms: io.now() - startedAt,
      cost_usd: reply?.cost_usd ?? null,
      error,
    });
  }
  if (format === 'json') io.out(`${JSON.stringify(results, null, 2)}\n`);
  else {
    const rows = results.map(({ model, ok, answered_by, latency_ms, cost_usd, error }) => [
      model,
      duration(latency_ms),
      cost_usd === null ? (ok ? 'no price' : '') : `$${cost_usd.toFixed(6)}`,
      ok ? `ok${answered_by && answered_by !== model ? `, by ${answered_by}` : ''}` : (error ?? ''),
    ]);
    io.out(table(['MODEL', 'LATENCY', 'COST', 'RESULT'], rows, io.outColumns));
  }
  if (results.some(({ ok }) => !ok)) throw new CliError('');
}

function unnamed(
  listed: { id: string; planyard: { kind: string; models?: string[] | undefined } }[],
): string[] {
  const routed = listed.flatMap(({ planyard }) => (planyard.kind === 'route' ? (planyard.models ?? []) : []));
  const models =
    routed.length > 0
      ? routed
      : listed.flatMap(({ id, planyard }) => (planyard.kind === 'model' ? [id] : []));
  if (models.length === 0) throw new CliError('There is no model: `planyard doctor` says what to set.');
  if (models.length > ASKED_UNNAMED)
    throw new CliError(
      `There are ${models.length} models: name those to test, as \`planyard models list\` shows them.`,
    );
  return [...new Set(models)];
}
