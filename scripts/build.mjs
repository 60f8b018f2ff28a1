// `npm run build`: installs and builds what changed; `npm run build -- --force` builds all.
import { prepare } from './prepare.mjs';

prepare({ force: process.argv.includes('--force') });
