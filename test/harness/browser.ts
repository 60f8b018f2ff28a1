import { existsSync, mkdirSync } from 'node:fs';
import type { Context } from 'mocha';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** Where pictures of a run go; the folder is not part of the repository. */
export const RESULTS = new URL('../results/', import.meta.url).pathname;

const REMEDY = 'Chromium is not there: install the package chromium, or set CHROMIUM_PATH';

const chromiumPath = (): string | undefined => process.env['CHROMIUM_PATH'] ?? PLACES.find((place) => existsSync(place));

/** A headless Chromium (CHROMIUM_PATH, else where Debian has it). @throws where there is none */
export async function launchBrowser(): Promise<Browser> {
  const path = chromiumPath();
  if (path === undefined) throw new Error(REMEDY);
  return chromium.launch({ executablePath: path, args: ARGUMENTS });
}

/** The same for a test, which is skipped where there is none, and fails in CI. */
export async function openBrowser(context: Context): Promise<Browser> {
  if (chromiumPath() === undefined && !process.env['CI']) {
    console.warn(`      skipped: ${REMEDY}`);
    context.skip();
  }
  mkdirSync(RESULTS, { recursive: true });
  return launchBrowser();
}
