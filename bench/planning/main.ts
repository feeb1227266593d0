import { parseArgs } from 'node:util';
import { report } from '../report.ts';
import { selectorFigures } from './selector.ts';

const { values: flags } = parseArgs({ options: { json: { type: 'string' } } });
await report(await selectorFigures(), flags.json);
