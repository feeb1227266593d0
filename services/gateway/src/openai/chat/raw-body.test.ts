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
