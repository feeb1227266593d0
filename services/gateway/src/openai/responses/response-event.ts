/** One event of a response's stream. */
export interface ResponseEvent {
  type: string;
  [field: string]: unknown;
}
