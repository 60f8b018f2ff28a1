// `npm start` and `npm run demo`: installs and builds what changed, then becomes the appliance, so that signals reach it without a detour.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare, root } from './prepare.mjs';

prepare();
const [first, ...rest] = process.argv.slice(2);
const main = join(root, 'appliance/dist/main.js');
process.argv = [process.execPath, main, ...(first === 'demo' ? ['demo', ...rest] : ['start', ...(first === undefined ? [] : [first, ...rest])])];
await import(pathToFileURL(main).href);
