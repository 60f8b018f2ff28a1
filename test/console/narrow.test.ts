import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { FAILED_TRACE } from '../../console/dev/shop.js';
import { openConsole } from './open-console.js';
import type { Console } from './open-console.js';

const VIEWS = [
  ['/traces', '.results tbody tr'], [`/trace/${FAILED_TRACE}`, '[role=treeitem]'], ['/dashboards', '.dashboard-list a'],
  ['/dashboards/signalbox-services', 'article canvas'], ['/explore', '.explore-some a'], ['/logs', '.logs-line'], ['/status', '.ledger td'],
] as const;

describe('console: in a small window', function () {
  this.timeout(180_000);
  let app: Console;
  const widthOf = (page: Page, selector: string) => page.locator(selector).first().evaluate((element) => element.getBoundingClientRect().width);

  before(async function () { app = await openConsole(this); });
  after(async () => { await app?.close(); });

  for (const width of [390, 768, 1024]) {
    it(`fits in a width of ${width} pixels, in all views`, async () => {
      const page = await app.page({ viewport: { width, height: 800 } });
      for (const [path, shown] of VIEWS) {
        await page.goto(`${app.url}${path}`);
        await page.locator(shown).first().waitFor();
        const across: readonly number[] = await page.evaluate(`[document.documentElement, document.querySelector('.view')].map((one) => one.scrollWidth - one.clientWidth)`);
        assert.deepEqual(across, [0, 0], path);
        for (const name of ['Traces', 'Dashboards', 'Metrics', 'Logs', 'Status']) assert.ok(await page.getByRole('navigation').getByRole('link', { name }).isVisible(), `${name} on ${path}`);
      }
      await page.close();
    });
  }

  it('leaves room for the name of a trace before everything else', async () => {
    const page = await app.page({ viewport: { width: 1024, height: 768 } });
    await page.goto(`${app.url}/traces`);
    await page.locator('.results tbody tr').first().waitFor();
    const cut: readonly string[] = await page.evaluate(`[...document.querySelectorAll('.result-operation')].filter((name) => name.scrollWidth > name.clientWidth).map((name) => name.textContent)`);
    assert.deepEqual(cut, []);
    await page.close();
  });

  it('puts the panels of a dashboard one below the other, small ones in pairs', async () => {
    const page = await app.page({ viewport: { width: 390, height: 800 } });
    await page.goto(`${app.url}/dashboards/signalbox-services`);
    await page.locator('article canvas').first().waitFor();
    assert.ok(await widthOf(page, 'article[aria-label="Request rate"]') > 350);
    assert.ok(await widthOf(page, 'article[aria-label="Requests"]') < 190);
    await page.close();
  });

  it('shows a trace with its details below', async () => {
    const page = await app.page({ viewport: { width: 390, height: 800 } });
    await page.goto(`${app.url}/trace/${FAILED_TRACE}`);
    await page.getByRole('treeitem', { name: /^payments POST \/charge/ }).click();
    await page.getByRole('region', { name: 'Details' }).getByText('PaymentDeclined').first().scrollIntoViewIfNeeded();
    assert.ok(await widthOf(page, '.pane') > 380);
    await page.close();
  });
});
