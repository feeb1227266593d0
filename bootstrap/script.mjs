// What package.json's scripts call: node bootstrap/script.mjs NAME ...ARGS
import { run } from './run.mjs';

const [name = '', ...args] = process.argv.slice(2);
await run(name, args);
