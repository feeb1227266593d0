export interface PictureSize {
  width: number;
  height: number;
}

/** A JPEG may say its size behind a profile and a preview; what takes more than this is not looked for. */
const MOST_BYTES = 262_144;
/** Enough for all but JPEG. */
const HEAD_BYTES = 48;

/**
 * Width and height of a picture in a `data:` URL, from the first bytes of the formats that models take; null for all else.
 * No library: of npm's usual one, image-size, every release can be made to loop for ever (CVE-2025-71329, CVE-2025-71330).
 * Layouts: PNG (W3C) 11.2.1, GIF89a 18, WebP container (RFC 9649), JPEG (ITU T.81) B.1.1.2 and B.2.2.
 */
export function pictureSize(url: string): PictureSize | null {
  const start = url.slice(0, 100).indexOf(';base64,') + ';base64,'.length;
  if (!url.startsWith('data:image/') || start < ';base64,'.length) return null;
  const read = (bytes: number) => Buffer.from(url.slice(start, start + Math.ceil(bytes / 3) * 4), 'base64');
  const head = read(HEAD_BYTES);
  const size = head.length < 30 ? null : sizeIn(head, () => read(MOST_BYTES));
  return size && size.width > 0 && size.height > 0 ? size : null;
}

function sizeIn(head: Buffer, more: () => Buffer): PictureSize | null {
  const tag = (at: number) => head.toString('latin1', at, at + 4);
  if (tag(12) === 'IHDR') return { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
  if (tag(0) === 'GIF8') return { width: head.readUInt16LE(6), height: head.readUInt16LE(8) };
  if (tag(0) === 'RIFF' && tag(8) === 'WEBP') return webpSize(head, tag(12));
  if (head.readUInt16BE(0) === 0xffd8) return jpegSize(more());
  return null;
}

function webpSize(head: Buffer, chunk: string): PictureSize | null {
  switch (chunk) {
    case 'VP8 ':
      return { width: head.readUInt16LE(26) & 0x3fff, height: head.readUInt16LE(28) & 0x3fff };
    case 'VP8L': {
      const bits = head.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return { width: head.readUIntLE(24, 3) + 1, height: head.readUIntLE(27, 3) + 1 };
    default:
      return null;
  }
}

function jpegSize(bytes: Buffer): PictureSize | null {
  // Each turn goes on by two bytes at least.
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1] as number;
    // A frame header, of any way of coding; C4, C8 and CC are none.
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)
      return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    at += 2 + Math.max(bytes.readUInt16BE(at + 2), 0);
  }
  return null;
}
