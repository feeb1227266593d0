#!/usr/bin/env node
// The `planyard` command, before and after the first install.
import { run } from './run.mjs';

await run('planyard', process.argv.slice(2));
