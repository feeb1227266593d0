import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { checkGateway } from '../doctor/check-gateway.ts';
import { checkNode, checkSandbox } from '../doctor/check-machine.ts';
import { checkModels } from '../doctor/check-models.ts';
import { checkPostgres, checkRedis } from '../doctor/check-servers.ts';
import type { Finding } from '../doctor/finding.ts';
import type { Io } from '../io.ts';
import { createStyle } from '../output/style.ts';
import type { OutputFormat } from '../session.ts';
import type { Output, Shell } from '../shell.ts';

/** `planyard doctor`. */
export function addDoctor(program: Command, { add, io }: Shell): void {
  add(program, 'doctor', 'check what Planyard needs, and say how to mend it').action((options: Output) =>
    doctor(io, options.output),
  );
}

/** Looks at everything Planyard needs and says how to mend what is not well. Fails when something needed is missing. */
async function doctor(io: Io, format: OutputFormat): Promise<void> {
  const found = await Promise.all([
    checkNode(process.version),
    checkRedis(io.env),
    checkPostgres(io.env),
    checkModels(io.env, io.cwd),
    checkSandbox(),
    checkGateway(io.env, io.cwd),
  ]);
  const findings: Finding[] = found.flat();
  if (format === 'json') io.out(`${JSON.stringify(findings, null, 2)}\n`);
  else {
    const style = createStyle(io.color && io.outIsTty);
    const marks = { ok: style.green('ok  '), note: style.yellow('note'), bad: style.red('bad ') };
    for (const { name, state, detail, fix } of findings) {
      io.out(`${marks[state]}  ${name}: ${detail}\n`);
      if (fix) io.out(`      ${fix}\n`);
    }
  }
  if (findings.some(({ state }) => state === 'bad')) throw new CliError('');
}
