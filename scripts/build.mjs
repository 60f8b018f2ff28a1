// `npm run build`: installs and builds what changed; `npm run build -- --force` builds all; `--installed` after an `npm ci` by hand.
import { prepare } from './prepare.mjs';

prepare({ force: process.argv.includes('--force'), installed: process.argv.includes('--installed') });
