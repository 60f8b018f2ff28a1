import { existsSync, mkdirSync } from 'node:fs';
import type { Context } from 'mocha';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** Where pictures of a run go; the folder is not part of the repository. */
export const RESULTS = new URL('../results/', import.meta.url).pathname;

/** A headless Chromium (CHROMIUM_PATH, else where Debian has it); skips the test where there is none, and fails it in CI. */
export async function openBrowser(context: Context): Promise<Browser> {
  const path = process.env['CHROMIUM_PATH'] ?? PLACES.find((place) => existsSync(place));
  if (path === undefined) {
    const remedy = 'Chromium is not there: install the package chromium, or set CHROMIUM_PATH';
    if (process.env['CI']) throw new Error(remedy);
    console.warn(`      skipped: ${remedy}`);
    context.skip();
  }
  mkdirSync(RESULTS, { recursive: true });
  return chromium.launch({ executablePath: path, args: ARGUMENTS });
}
