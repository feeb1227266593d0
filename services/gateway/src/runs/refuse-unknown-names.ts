import { type CreateRunRequest, type Fault, PlanyardError } from '@planyard/contracts';
import { faultsOfPins, type PromptRegistry } from '@planyard/planning';

/** Throws `invalid_request` with the place of every agent, blueprint, pinned prompt or version that is not there. */
export function refuseUnknownNames(
  { agent, blueprint, options }: CreateRunRequest,
  prompts: Pick<PromptRegistry, 'list' | 'agents' | 'blueprints'>,
): void {
  const errors = [
    ...unknown('agent', agent, prompts.agents()),
    ...unknown('blueprint', blueprint, prompts.blueprints()),
    ...faultsOfPins(prompts, options?.prompts ?? {}),
  ];
  if (errors.length === 0) return;
  const sentences = errors.map(({ path, message }) => `${path}: ${message}`);
  throw new PlanyardError('invalid_request', sentences.join('; '), { errors });
}

function unknown(path: string, name: string | undefined, there: { name: string }[]): Fault[] {
  if (name === undefined || there.some((each) => each.name === name)) return [];
  const names = there.map((each) => each.name).join(', ');
  return [{ path, message: `there is no ${path} named ${name}; there are: ${names}` }];
}
