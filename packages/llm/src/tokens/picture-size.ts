import { imageDimensionsFromData } from 'image-dimensions';

export interface PictureSize {
  width: number;
  height: number;
}

/** A JPEG may say its size behind a profile and a preview; what takes more than this is not looked for. */
const MOST_BYTES = 262_144;
const BASE64 = /^data:image\/[\w.+-]{1,50};base64,/;

/** Width and height of a picture in a `data:` URL, of the formats that models take, from its first bytes; null for all else. */
export function pictureSize(url: string): PictureSize | null {
  const [head] = BASE64.exec(url) ?? [];
  if (head === undefined) return null;
  const bytes = Buffer.from(url.slice(head.length, head.length + Math.ceil(MOST_BYTES / 3) * 4), 'base64');
  const size = imageDimensionsFromData(bytes);
  return size && size.width > 0 && size.height > 0 ? { width: size.width, height: size.height } : null;
}
