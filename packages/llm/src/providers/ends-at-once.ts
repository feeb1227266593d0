import type { Dispatcher } from 'undici';
import { ModelError } from '../model-error.ts';

/** What ends a request besides its reply. */
export interface Ends {
  until?: AbortSignal;
  /** Milliseconds that its caller gives its connection. */
  connect_ms?: number | undefined;
}

/** Ends requests at once with the reason of their signal, or when they have no connection in their time: undici tells a request nothing until it has one, so who leaves while it is being made would wait for it. */
export function endsAtOnce(dispatch: Dispatcher.Dispatch): Dispatcher.Dispatch {
  return (options: Dispatcher.DispatchOptions & Ends, handler) => {
    const { until, connect_ms } = options;
    if (!until && !connect_ms) return dispatch(options, handler);
    let controller: Dispatcher.DispatchController | null = null;
    let ended: Error | null = null;
    const unlink = () => {
      until?.removeEventListener('abort', leave);
      clearTimeout(late);
    };
    const fail = (given: Dispatcher.DispatchController | null, error: Error) => {
      unlink();
      if (ended) return;
      ended = error;
      handler.onResponseError?.(given as Dispatcher.DispatchController, error);
    };
    const leave = () => (controller ? controller.abort(until?.reason) : fail(null, until?.reason));
    const late = connect_ms ? setTimeout(() => fail(null, tooLate(connect_ms)), connect_ms) : undefined;
    if (until?.aborted) {
      leave();
      return true;
    }
    until?.addEventListener('abort', leave);
    return dispatch(options, {
      onRequestStart(given, context) {
        controller = given;
        clearTimeout(late);
        if (ended) given.abort(ended);
        else handler.onRequestStart?.(given, context);
      },
      onResponseStart: (...args) => handler.onResponseStart?.(...args),
      onResponseData: (...args) => handler.onResponseData?.(...args),
      onResponseEnd(...args) {
        unlink();
        handler.onResponseEnd?.(...args);
      },
      onResponseError: fail,
    });
  };
}

export function tooLate(connectMs: number): ModelError {
  return new ModelError('timeout', `there was no connection within ${connectMs} ms`, { byCaller: true });
}
