import { ModelError } from '../model-error.ts';

/** An image that lies in the request itself. */
export interface InlineImage {
  /** `image/png`. */
  media_type: string;
  base64: string;
}

/** The image of a `data:` URL; null for an URL of another kind. */
export function parseDataUrl(url: string): InlineImage | null {
  const match = /^data:(image\/[\w.+-]+);base64,([\w+/=\s]*)$/.exec(url);
  return match?.[1] && match[2] ? { media_type: match[1], base64: match[2] } : null;
}

/** For APIs that take bytes only. Nothing is fetched on behalf of a request: throws `bad_request`. */
export function inlineImage(url: string, provider: string): InlineImage {
  const image = parseDataUrl(url);
  if (!image) throw new ModelError('bad_request', `${provider} takes images as data: URLs in base64 only`);
  return image;
}
