import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { openConsole, until } from './open-console.js';
import type { Console } from './open-console.js';

const target = (expr: string) => ({ refId: 'A', expr });
const odd = {
  uid: 'odd', title: 'Odd ones', time: { from: 'now-15m', to: 'now' },
  panels: [
    { type: 'heatmap', title: 'Heat', gridPos: { x: 0, y: 0, w: 12, h: 6 }, targets: [target('up')] },
    { type: 'timeseries', title: 'Broken', gridPos: { x: 12, y: 0, w: 12, h: 6 }, targets: [target('sum(')] },
    { type: 'stat', title: 'Mapped', gridPos: { x: 0, y: 6, w: 12, h: 4 }, targets: [target('vector(42)')], fieldConfig: { defaults: { mappings: [{ type: 'value' }] } } },
    { type: 'row', title: 'Folded', collapsed: true, gridPos: { x: 0, y: 10, w: 24, h: 1 }, panels: [{ type: 'stat', title: 'Inner', gridPos: { x: 0, y: 11, w: 6, h: 4 }, targets: [target('vector(7)')] }] },
  ],
};

describe('console: dashboards', function () {
  this.timeout(180_000);
  let app: Console;
  let page: Page;
  const panel = (name: string) => page.getByRole('article', { name, exact: true });

  before(async function () {
    app = await openConsole(this, { dashboards: [odd] });
    page = await app.page();
  });
  after(async () => { await app?.close(); });

  it('lists them', async () => {
    await page.goto(`${app.url}/dashboards`);
    await page.getByRole('link', { name: /^Services/ }).click();
    await page.waitForURL(/\/dashboards\/signalbox-services$/);
  });

  it('draws rate, errors and duration', async () => {
    await panel('Requests').getByText(/^[\d.]+ req\/s$/).waitFor();
    await panel('Failed').getByText(/^[\d.]+ %$/).waitFor();
    await panel('95th percentile').getByText(/^[\d.]+ m?s$/).waitFor();
    for (const name of ['Request rate', 'Error share', 'Duration', '95th percentile by service', 'Outgoing HTTP, 95th percentile', 'Databases, 95th percentile']) {
      await panel(name).locator('canvas').waitFor();
      assert.ok(await page.evaluate(`(() => { const canvas = document.querySelector('article[aria-label="${name}"] canvas'); const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data; return pixels.some((value) => value > 0); })()`), `${name} is drawn`);
    }
    assert.deepEqual(await panel('Request rate').locator('.legend li').allTextContents(), ['inventory', 'payments', 'storefront']);
    assert.equal(await page.getByRole('alert').count(), 0);
    assert.equal(await page.getByText('partly shown').count(), 0);
  });

  it('shows the routes as a table, and sorts it', async () => {
    const table = panel('Routes');
    await table.locator('tbody td').first().waitFor();
    assert.deepEqual(await table.locator('th').allTextContents(), ['Service', 'Method', 'Route', 'Rate ↓', 'Failed', 'p50', 'p95']);
    const rates = (await table.locator('tbody td:nth-child(4)').allTextContents()).map(parseFloat);
    assert.deepEqual(rates, [...rates].sort((a, b) => b - a));
    await table.getByRole('button', { name: 'Route', exact: true }).click();
    const routes = await table.locator('tbody td:nth-child(3)').allTextContents();
    assert.deepEqual(routes, [...routes].sort((a, b) => a.localeCompare(b)));
  });

  it('fills the variable, keeps the choice in the address and asks for it', async () => {
    await page.getByRole('button', { name: /^Service\s*All/ }).click();
    const options = page.getByRole('dialog', { name: 'Service' });
    assert.deepEqual(await options.locator('label').allTextContents(), ['All', 'inventory', 'payments', 'storefront']);
    await Promise.all([
      page.waitForRequest((request) => decodeURIComponent(request.url()).includes('job=~"storefront"')),
      options.getByLabel('storefront').check(),
    ]);
    await page.waitForURL(/var-service=storefront/);
    await options.getByLabel('payments').check();
    await page.waitForURL(/var-service=storefront&var-service=payments/);
    await page.keyboard.press('Escape');
    await until(page, `document.querySelectorAll('article[aria-label="Request rate"] .legend li').length === 2`);
    await page.goBack();
    await until(page, `document.querySelectorAll('article[aria-label="Request rate"] .legend li').length === 1`);
  });

  it('leads from an exemplar to its trace', async () => {
    await page.goto(`${app.url}/dashboards/signalbox-services`);
    await panel('Duration').locator('a.exemplar').first().click();
    await page.waitForURL(/\/trace\/f4a11ed0c0ffee00c0ffee0000000001/);
  });

  it('leads from a number in a table to the traces behind it', async () => {
    await page.goto(`${app.url}/dashboards/signalbox-services`);
    const row = panel('Routes').getByRole('row', { name: /^payments POST \/charge/ });
    await row.locator('td').nth(6).getByRole('button').click();
    const menu = page.getByRole('dialog', { name: /^payments POST \/charge: p95 / });
    assert.deepEqual((await menu.getByRole('link').allTextContents()).slice(1), ['Failed traces', 'All traces', 'Log lines']);
    await until(page, `document.activeElement?.textContent.startsWith('Traces of ')`);
    await page.keyboard.press('Escape');
    await menu.waitFor({ state: 'detached' });
    await row.locator('td').nth(4).getByRole('button').click();
    await page.getByRole('dialog', { name: /Failed/ }).getByRole('link', { name: 'Failed traces' }).click();
    await page.waitForURL(/\/traces\?service=payments&tags=http\.request\.method%3DPOST\+http\.route%3D%2Fcharge&errors=1&from=now-30m&to=now$/);
    await page.locator('.results tbody tr').first().waitFor();
    await page.goBack();
    await panel('Routes').locator('tbody td').first().waitFor();
  });

  it('leads from one large number, and from a place on a line, to its traces and lines', async () => {
    await panel('95th percentile').getByRole('button').click();
    await page.getByRole('dialog', { name: /^95th percentile/ }).getByRole('link', { name: /^Traces of .* and longer$/ }).waitFor();
    await page.keyboard.press('Escape');
    const chart = panel('95th percentile by service').locator('.u-over');
    await chart.scrollIntoViewIfNeeded();
    const box = await chart.boundingBox();
    assert.ok(box);
    await page.mouse.click(box.x + box.width * 0.6, box.y + box.height * 0.5);
    const menu = page.getByRole('dialog', { name: /^(inventory|payments|storefront) [\d.]+ m?s, \d\d:\d\d:\d\d$/ });
    const service = ((await menu.getAttribute('aria-label')) ?? '').split(' ', 1)[0] ?? '';
    await menu.getByRole('link', { name: 'Log lines' }).click();
    await page.waitForURL((url) => url.pathname === '/logs' && url.searchParams.get('query') === `{service_name="${service}"}` && /^\d{13}$/.test(url.searchParams.get('from') ?? ''));
  });

  it('zooms by a drag across a chart, which opens nothing', async () => {
    await page.goto(`${app.url}/dashboards/signalbox-services`);
    await panel('Request rate').locator('canvas').waitFor();
    const box = await panel('Request rate').locator('.u-over').boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + box.width * 0.3, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.7, box.y + 40, { steps: 5 });
    await page.mouse.up();
    await page.waitForURL(/from=\d{13}&to=\d{13}/);
    assert.equal(await page.getByRole('dialog').count(), 0);
  });

  it('takes a range and a refresh', async () => {
    await page.goto(`${app.url}/dashboards/signalbox-services`);
    await page.getByRole('button', { name: 'Time range: Last 30 minutes' }).click();
    await page.getByRole('dialog', { name: 'Time range' }).getByRole('button', { name: 'Last hour' }).click();
    await page.waitForURL(/from=now-1h&to=now/);
    await page.getByLabel('Refresh every').selectOption('5s');
    await page.waitForURL(/refresh=5s/);
    await page.waitForRequest(/query_range/, { timeout: 60_000 });
  });

  it('says what it does not show, and why a query fails', async () => {
    await page.goto(`${app.url}/dashboards/odd`);
    await panel('Heat').getByText('does not show panels of the type “heatmap”').waitFor();
    await panel('Broken').getByRole('alert').getByText(/parse error/).waitFor();
    await panel('Mapped').getByText('42').waitFor();
    assert.match((await panel('Mapped').locator('.panel-fault').getAttribute('aria-label')) ?? '', /Value mappings are not applied/);
    assert.equal(await panel('Inner').count(), 0);
    await page.getByRole('button', { name: /^Folded/ }).click();
    await panel('Inner').getByText('7').waitFor();
  });

  it('says of panels that are waited for that they are loading', async () => {
    let answer = (): void => undefined;
    const held = new Promise<void>((resolve) => { answer = resolve; });
    await page.route(/\/prometheus\/api\/v1\/query/, async (route) => { await held; await route.continue(); });
    try {
      await page.goto(`${app.url}/dashboards/odd`);
      await panel('Mapped').getByText('Loading…').waitFor();
      assert.equal(await panel('Heat').getByText('Loading…').count(), 0);
      answer();
      await panel('Mapped').getByText('42').waitFor();
      assert.equal(await panel('Mapped').getByText('Loading…').count(), 0);
    } finally {
      answer();
      await page.unroute(/\/prometheus\/api\/v1\/query/);
    }
  });

  it('keeps its panels while the appliance is away, says so, and goes on when it is back', async () => {
    await page.goto(`${app.url}/dashboards/odd`);
    await panel('Mapped').getByText('42').waitFor();
    await page.route(/\/prometheus\//, (route) => route.abort());
    await page.getByRole('button', { name: 'Refresh', exact: true }).click();
    await panel('Mapped').getByRole('alert').getByText('not answered').waitFor();
    assert.equal(await panel('Mapped').getByText('42').count(), 1);
    await page.unroute(/\/prometheus\//);
    await panel('Mapped').getByRole('alert').waitFor({ state: 'detached' });
  });

  it('says that a dashboard is not there', async () => {
    await page.goto(`${app.url}/dashboards/none`);
    await page.getByRole('heading', { name: 'There is no such dashboard' }).waitFor();
  });
});
