import { PlanyardError } from '@planyard/sdk';
import { readSettings } from './config-env.ts';
import type { Io } from './io.ts';

interface ProblemLike {
  advice?: unknown;
  request_id?: unknown;
}

/** What went wrong, and what to do, in the words of someone at this terminal. */
export function explainError(error: unknown, io: Io): string {
  if (!(error instanceof PlanyardError)) return error instanceof Error ? error.message : String(error);
  const { url, urlSource, keySource } = readSettings(io.env, io.cwd);
  const problem = (error.cause ?? {}) as ProblemLike;
  const fromGateway = typeof problem.advice === 'string';
  if (error.code === 'unavailable' && !fromGateway)
    return `${error.message}.\nIf Planyard is not running, start it with \`npm start\`; the address comes from ${urlSource} (${url}).`;
  if (error.code === 'unauthorized')
    return `${error.message} (it comes from ${keySource}).\nUse a key of this installation: \`npm start\` prints one, \`planyard keys create\` makes more.`;
  const told = (error.errors ?? []).map(({ path, message }) => `${path}: ${message}`);
  // A single fault is the message itself.
  const faults = told.length === 1 && told[0] === error.message ? [] : told.map((fault) => `  ${fault}`);
  const advice = fromGateway ? [String(problem.advice)] : [];
  const request = typeof problem.request_id === 'string' ? [`Request ${problem.request_id}`] : [];
  return [`${error.message} [${error.code}]`, ...faults, ...advice, ...request].join('\n');
}
