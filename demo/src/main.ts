import { firstLook } from './first-look.js';
import { startLoad } from './load/load.js';
import { OptionError, readOptions, USAGE } from './options.js';
import { Shop } from './shop/shop.js';
import { showTally } from './shop/show-tally.js';
import { WarningTally } from './shop/warning-tally.js';

const LOAD_STOP_TIMEOUT_MS = 2_000;

// Whoever read our lines is gone; the shop goes on.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

/** Opens the shop, lets customers in, and runs until a signal, or until a part of it fails. */
async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(USAGE);
    return;
  }
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
  const tally = new WarningTally();
  const shop = new Shop(options.otlpUrl, tally);
  try {
    const storefrontUrl = await Promise.race([shop.start(), shop.died, stopped]);
    if (storefrontUrl === undefined) return;
    process.stdout.write(firstLook(options.consoleUrl, options.rate));
    const screen = showTally(tally, process.stdout, { terminal: process.stdout.isTTY, columns: () => process.stdout.columns });
    const load = startLoad(storefrontUrl, options.rate);
    try {
      await Promise.race([stopped, shop.died]);
    } finally {
      screen.close();
      await load.stop(LOAD_STOP_TIMEOUT_MS);
    }
  } finally {
    await shop.stop();
  }
}

try {
  await main();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(error instanceof OptionError ? `${message}\n\n${USAGE}` : `The shop is closed: ${message}\n`);
  process.exitCode = error instanceof OptionError ? 2 : 1;
}
