/** Whether a reply is one object, by its content type, and no stream of events. */
export function isJson(contentType: unknown): boolean {
  return typeof contentType === 'string' && /^application\/json\b/i.test(contentType);
}
