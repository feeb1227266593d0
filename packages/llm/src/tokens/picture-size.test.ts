import { expect, test } from 'vitest';
import { pictureSize } from './picture-size.ts';

const ascii = (text: string) => Buffer.from(text, 'latin1');
const be = (value: number, bytes: number) => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
};
const le = (value: number, bytes: number) => be(value, bytes).reverse();
const padded = (...parts: Buffer[]) => Buffer.concat([...parts, Buffer.alloc(64)]);
const urlOf = (bytes: Buffer) => `data:image/any;base64,${bytes.toString('base64')}`;
const webp = (chunk: string, ...parts: Buffer[]) =>
  padded(ascii('RIFF____WEBP'), ascii(chunk), le(10, 4), ...parts);
const segment = (marker: number, body: Buffer) =>
  Buffer.concat([Buffer.from([0xff, marker]), be(body.length + 2, 2), body]);
const frame = Buffer.concat([Buffer.from([8]), be(600, 2), be(800, 2), Buffer.alloc(10)]);
const jpeg = (...segments: Buffer[]) => padded(Buffer.from([0xff, 0xd8]), ...segments, segment(0xc2, frame));

const PICTURES: Record<string, Buffer> = {
  png: padded(be(0x89504e47, 4), be(0x0d0a1a0a, 4), be(13, 4), ascii('IHDR'), be(800, 4), be(600, 4)),
  gif: padded(ascii('GIF89a'), le(800, 2), le(600, 2)),
  'webp, lossy': webp('VP8 ', Buffer.from([0, 0, 0, 0x9d, 0x01, 0x2a]), le(800, 2), le(600, 2)),
  'webp, lossless': webp('VP8L', Buffer.from([0x2f]), le(799 + (599 << 14), 4)),
  'webp, extended': webp('VP8X', Buffer.alloc(4), le(799, 3), le(599, 3)),
  jpeg: jpeg(segment(0xe0, ascii('JFIF')), segment(0xc4, Buffer.alloc(30))),
  'jpeg behind a preview': jpeg(segment(0xe1, Buffer.alloc(60_000)), segment(0xe2, Buffer.alloc(60_000))),
};

test.each(Object.entries(PICTURES))('%s says its size in its first bytes', (_format, bytes) => {
  expect(pictureSize(urlOf(bytes))).toEqual({ width: 800, height: 600 });
});

test('what is no picture, or ends too early, has no size, and nothing of it is waited for', () => {
  const profile = Array.from({ length: 5 }, () => segment(0xe2, Buffer.alloc(65_000)));
  for (const bytes of [
    Buffer.alloc(100),
    Buffer.alloc(0),
    jpeg(...profile),
    Buffer.from([0xff, 0xd8, 0xff, 0xe0]),
  ])
    expect(pictureSize(urlOf(bytes))).toBeNull();
  for (const url of ['https://example.com/a.png', 'data:image/png,raw', '', 'undefined'])
    expect(pictureSize(url)).toBeNull();
  for (const bytes of Object.values(PICTURES))
    for (let end = 0; end < 200; end += 1) pictureSize(urlOf(bytes.subarray(0, end)));
  // Segments that say to be no longer than nothing.
  pictureSize(
    urlOf(Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(200_000, Buffer.from([0xff, 0xe0, 0, 0]))])),
  );
});
