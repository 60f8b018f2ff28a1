import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Context } from 'mocha';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { startFixture } from '../../console/dev/server.js';
import type { Fixture, FixtureOptions } from '../../console/dev/server.js';
import { openBrowser } from '../harness/browser.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Console {
  readonly url: string;
  /** The folder with the page as it was built for this run. */
  readonly dist: string;
  /** A page of its own; what the browser complains of is collected in `complaints`. */
  page(options?: BrowserContextOptions): Promise<Page>;
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** Builds the page, serves it over example data by the real query APIs, and opens a browser. */
export async function openConsole(context: Context, options: Omit<FixtureOptions, 'port' | 'dist'> = {}): Promise<Console> {
  const browser: Browser = await openBrowser(context);
  const dist = mkdtempSync(join(tmpdir(), 'signalbox-console-'));
  let fixture: Fixture;
  try {
    build(dist);
    fixture = await startFixture({ port: 0, dist, ...options });
  } catch (error) {
    await browser.close();
    rmSync(dist, { recursive: true, force: true });
    throw error;
  }
  const complaints: string[] = [];
  return {
    url: fixture.url, dist, complaints,
    async page(pageOptions = {}) {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...pageOptions });
      page.setDefaultTimeout(60_000);
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
      return page;
    },
    async close() {
      await browser.close();
      await fixture.close();
      rmSync(dist, { recursive: true, force: true });
    },
  };
}

function build(dist: string): void {
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  if (!existsSync(vite)) throw new Error('vite is not installed; run npm ci');
  const run = spawnSync(process.execPath, [vite, 'build', '--outDir', dist, '--emptyOutDir', '--logLevel', 'warn'], { cwd: join(ROOT, 'console'), encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`the page could not be built:\n${run.stdout}${run.stderr}`);
}

/** Waits until an expression holds in the page. From outside, since the page's policy forbids evaluating text within it. */
export async function until(page: Page, expression: string): Promise<void> {
  const end = Date.now() + 60_000;
  while (!(await page.evaluate(expression))) {
    if (Date.now() > end) throw new Error(`this did not come true within a minute: ${expression}`);
    await page.waitForTimeout(30);
  }
}
