import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';
import { redact, redactText } from './redact.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

type Log = (fields: Readonly<Record<string, unknown>>, message: string) => void;

/**
 * One JSON line an entry. An error goes under `err`; what identifies the work goes under `request_id`, `run_id`,
 * `step_id`, bound once with `child`.
 */
export interface Logger {
  trace: Log;
  debug: Log;
  info: Log;
  warn: Log;
  error: Log;
  fatal: Log;
  child(bindings: Readonly<Record<string, unknown>>): Logger;
}

function redactFields(fields: object): Record<string, unknown> {
  return redact(fields) as Record<string, unknown>;
}

/** Redaction stands in front of pino: its own redaction knows only fixed paths, and children escape its formatters. */
function redacting(target: PinoLogger): Logger {
  const at =
    (level: Exclude<LogLevel, 'silent'>): Log =>
    (fields, message) => {
      if (target.isLevelEnabled(level)) target[level](redactFields(fields), redactText(message));
    };
  return {
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('fatal'),
    child: (bindings) => redacting(target.child(redactFields(bindings))),
  };
}

/** A logger whose every line carries `service`. Secrets are redacted wherever they stand: see redact.ts. */
export function createLogger(options: {
  service: string;
  level: LogLevel;
  /** Where the lines go; stdout by default. */
  destination?: DestinationStream;
}): Logger {
  return redacting(
    pino(
      {
        level: options.level,
        base: { service: options.service },
        messageKey: 'message',
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
        // Errors arrive here as plain objects already.
        serializers: { err: (error: unknown) => error },
      },
      options.destination ?? pino.destination(1),
    ),
  );
}
