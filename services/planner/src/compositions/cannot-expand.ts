import { PlanyardError } from '@planyard/contracts';

/** A composition that cannot be put into a plan, located in the step that stands for it. */
export function cannotExpand(path: string, message: string, cause?: unknown): PlanyardError {
  return new PlanyardError('invalid_step', `${path}: ${message}`, { cause, errors: [{ path, message }] });
}
