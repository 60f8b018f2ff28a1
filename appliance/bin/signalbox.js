#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write('signalbox: not built yet; run `npm run build` (or `npm start`, which does it) in the repository first.\n');
  process.exitCode = 1;
}
