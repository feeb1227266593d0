/** Status, code and text of an error object of any server that calls itself compatible. OpenRouter and vLLM give the status as the code. */
export function errorText(error: unknown): {
  status: number | undefined;
  code: string | null;
  text: string;
} {
  const { code, type, message } = (error ?? {}) as { code?: unknown; type?: unknown; message?: unknown };
  const named = typeof code === 'string' ? code : type;
  return {
    status: typeof code === 'number' ? code : undefined,
    code: typeof named === 'string' ? named : null,
    text: typeof message === 'string' ? message : JSON.stringify(error),
  };
}
