import type { Dispatcher } from 'undici';

/** What ends a request besides its reply. */
export interface Ends {
  until?: AbortSignal;
}

/** Ends requests at once with the reason of their signal: undici tells a request nothing until it has its connection, so who leaves while one is being made would wait for it. */
export function endsAtOnce(dispatch: Dispatcher.Dispatch): Dispatcher.Dispatch {
  return (options: Dispatcher.DispatchOptions & Ends, handler) => {
    const { until } = options;
    if (!until) return dispatch(options, handler);
    let controller: Dispatcher.DispatchController | null = null;
    let ended = false;
    const fail = (given: Dispatcher.DispatchController | null, error: Error) => {
      until.removeEventListener('abort', leave);
      if (ended) return;
      ended = true;
      handler.onResponseError?.(given as Dispatcher.DispatchController, error);
    };
    const leave = () => (controller ? controller.abort(until.reason) : fail(null, until.reason));
    if (until.aborted) {
      leave();
      return true;
    }
    until.addEventListener('abort', leave);
    return dispatch(options, {
      onRequestStart(given, context) {
        controller = given;
        if (ended) given.abort(until.reason);
        else handler.onRequestStart?.(given, context);
      },
      onResponseStart: (...args) => handler.onResponseStart?.(...args),
      onResponseData: (...args) => handler.onResponseData?.(...args),
      onResponseEnd(...args) {
        until.removeEventListener('abort', leave);
        handler.onResponseEnd?.(...args);
      },
      onResponseError: fail,
    });
  };
}
