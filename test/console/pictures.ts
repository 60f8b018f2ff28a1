// `npx tsx --conditions=source test/console/pictures.ts [URL]`: the pictures in docs/images, of a demo that has run for half an hour.
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launchBrowser } from '../harness/browser.js';

const IMAGES = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const OPERATION = 'POST /checkout';

interface Picture {
  readonly name: string;
  /** Behind the address of the appliance; FAILED stands for the id of a trace that failed. */
  readonly path: string;
  readonly look: BrowserContextOptions;
  /** Goes on until the page shows what the picture is of. */
  readonly shows: (page: Page) => Promise<unknown>;
}

const light = (height: number): BrowserContextOptions => ({ viewport: { width: 1440, height }, colorScheme: 'light' });

const PICTURES: readonly Picture[] = [
  { name: 'traces', path: '/traces?service=storefront&limit=200', look: light(860), shows: (page) => page.locator('.traces-results a').first().waitFor() },
  { name: 'trace-light', path: '/trace/FAILED', look: light(860), shows: linesOfTheLastFailed },
  { name: 'trace-dark', path: '/trace/FAILED', look: { viewport: { width: 1760, height: 900 }, colorScheme: 'dark' }, shows: (page) => page.locator('.log-line').first().waitFor() },
  { name: 'logs', path: '/logs?query=%7Bseverity%3D~%22warn%7Cerror%22%7D', look: light(860), shows: (page) => page.locator('.logs-line').first().waitFor() },
  { name: 'dashboard', path: '/dashboards/signalbox-services', look: light(1000), shows: (page) => page.locator('.chart').first().waitFor() },
];

async function linesOfTheLastFailed(page: Page): Promise<void> {
  await page.locator('[role=treeitem][aria-label$="failed"]').last().click();
  await page.getByRole('tab', { name: /Logs/ }).click();
  await page.locator('.log-line').first().waitFor();
}

/** The id of the newest checkout that failed. */
async function failedTrace(url: string): Promise<string> {
  const answer = await fetch(`${url}/jaeger/api/traces?service=storefront&operation=${encodeURIComponent(OPERATION)}&tags=${encodeURIComponent('{"error":"true"}')}&limit=1`);
  const { data } = (await answer.json()) as { data: readonly { readonly traceID: string }[] };
  const [trace] = data;
  if (trace === undefined) throw new Error(`no '${OPERATION}' has failed at ${url} yet: start the demo (npm run demo) and wait a while`);
  return trace.traceID;
}

async function take(browser: Browser, url: string, { name, path, look, shows }: Picture, failed: string): Promise<void> {
  const page = await browser.newPage(look);
  await page.goto(`${url}${path.replace('FAILED', failed)}`);
  await shows(page);
  await page.locator('[role=progressbar]').first().waitFor({ state: 'detached' });
  await page.screenshot({ path: `${IMAGES}${name}.png` });
  await page.close();
}

const url = process.argv[2] ?? 'http://127.0.0.1:4319';
const failed = await failedTrace(url);
const browser = await launchBrowser();
try {
  for (const picture of PICTURES) await take(browser, url, picture, failed);
} finally {
  await browser.close();
}
