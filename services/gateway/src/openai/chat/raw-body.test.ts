import { expect, test } from 'vitest';
import { rawBody } from './raw-body.ts';

test.each(['route', 'größe/Modell-雪'])(
  'letters of every kind stay as they were written, before and behind the model: %s',
  (model) => {
    const written = `{"user":"Žofie 👩‍⚕️", "model" : ${JSON.stringify(model)},"messages":[{"role":"user","content":"放射線科 \\u00e9"}]}`;
    const envelope = JSON.parse(written);
    const passed = rawBody(Buffer.from(written), envelope, 'gpt-5-mini', { seed: 7 }).toString('utf8');
    expect(passed).toBe(written.replace(/"model" : "[^"]*"/, '"seed":7,"model":"gpt-5-mini"'));
  },
);

test.each([
  ['after it', '{"model":"route","messages":[],"mod\\u0065l":"route"}'],
  ['in its place, above another', '{"\\u006Dodel":"route","messages":[],"metadata":{"model":"route"}}'],
])('a second name of the model that escapes hide is not passed on: %s', (_, written) => {
  const passed = rawBody(Buffer.from(written), JSON.parse(written), 'gpt-5-mini', {}).toString('utf8');
  expect(JSON.parse(passed).model).toBe('gpt-5-mini');
});
