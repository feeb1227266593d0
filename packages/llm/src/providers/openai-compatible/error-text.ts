/** The code and the text of an error object of any server that calls itself compatible. */
export function errorText(error: unknown): { code: string | null; text: string } {
  const { code, type, message } = (error ?? {}) as { code?: unknown; type?: unknown; message?: unknown };
  const named = typeof code === 'string' ? code : type;
  return {
    code: typeof named === 'string' ? named : null,
    text: typeof message === 'string' ? message : JSON.stringify(error),
  };
}
