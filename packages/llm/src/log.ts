/** What the model layer needs of a logger; pino's fits. */
export interface LlmLog {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
}
