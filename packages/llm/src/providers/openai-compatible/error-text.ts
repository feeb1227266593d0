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

/** Which field of the request is wrong and in which way, where the server says so in a word. */
export interface RequestFault {
  path: string;
  code?: string;
}

export function faultOf(param: unknown, code: unknown): RequestFault | null {
  if (!isName(param) && !isName(code)) return null;
  return { path: isName(param) ? param : '(root)', ...(isName(code) ? { code } : {}) };
}

/** A name alone, with no room for a text that quotes what is secret. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z][\w.[\]]{0,63}$/.test(value);
}
