import { type ErrorCode, PlanyardError, type ToolName } from '@planyard/contracts';
import type { CallEnd, ToolBreakers } from './tool-breakers.ts';
import type { MeasuredTools } from './tool-figures.ts';

/** Makes a call unless the tool's breaker is open (`tool_breaker_open`), and notes how it went. */
export type GuardCall = <T>(tool: ToolName, signal: AbortSignal, call: () => Promise<T>) => Promise<T>;

/** What a tool is to blame for; a timeout is told by the signal. */
const TOOL_FAULTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'tool_failed',
  'tool_unavailable',
  'invalid_output',
  'result_too_large',
  'timeout',
]);

export function guardCalls(deps: { breakers: ToolBreakers; figures: MeasuredTools }): GuardCall {
  return async (tool, signal, call) => {
    const left = deps.breakers.enter(tool);
    const started = performance.now();
    const end = (how: CallEnd) => {
      left(how);
      if (how !== 'says_nothing') deps.figures.called(tool, performance.now() - started, how === 'worked');
    };
    try {
      const result = await call();
      end('worked');
      return result;
    } catch (thrown) {
      const reason: unknown = signal.aborted ? signal.reason : thrown;
      end(reason instanceof PlanyardError && TOOL_FAULTS.has(reason.code) ? 'failed' : 'says_nothing');
      throw thrown;
    }
  };
}
