import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { eventually } from '../integrations/eventually.js';
import { openConsole } from './open-console.js';
import type { Console } from './open-console.js';

describe('console: exploring metrics', function () {
  this.timeout(180_000);
  let app: Console;
  let page: Page;
  const query = () => page.getByLabel('PromQL query');

  before(async function () {
    app = await openConsole(this);
    page = await app.page();
  });
  after(async () => { await app?.close(); });

  it('begins with what could be asked', async () => {
    await page.goto(`${app.url}/explore`);
    await page.getByRole('heading', { name: /^\d+ metrics to ask$/ }).waitFor();
    await page.locator('.explore-some a').first().click();
    await page.waitForURL(/\/explore\?expr=histogram_quantile/);
    await page.locator('article canvas').waitFor();
    assert.equal(await page.title(), 'Metrics · Signalbox');
  });

  it('finds a metric and asks of it what one asks first', async () => {
    await page.getByRole('button', { name: 'Metrics' }).click();
    const picker = page.getByRole('dialog', { name: 'Metrics' });
    await picker.getByLabel('Filter metrics').fill('server count');
    await picker.getByRole('button', { name: /^http_server_request_duration_seconds_count/ }).click();
    await page.waitForURL((url) => url.searchParams.get('expr') === 'sum by (job) (rate(http_server_request_duration_seconds_count[$__rate_interval]))');
    assert.match(await query().inputValue(), /^sum by \(job\)/);
    await page.locator('.legend button').getByText('storefront').waitFor();
  });

  it('shows the same as a table, whose numbers lead on', async () => {
    await page.getByRole('button', { name: 'Table', exact: true }).click();
    await page.waitForURL(/shape=table/);
    await page.getByRole('row', { name: /^storefront/ }).getByRole('button').click();
    await page.getByRole('dialog', { name: /^storefront: Value/ }).getByRole('link', { name: 'All traces' }).click();
    await page.waitForURL(/\/traces\?service=storefront/);
    await page.goBack();
    await page.getByRole('row', { name: /^storefront/ }).waitFor();
  });

  it('runs what is typed with Enter, and says where it is wrong', async () => {
    await query().fill('sum(up');
    await query().press('Enter');
    await page.waitForURL((url) => url.searchParams.get('expr') === 'sum(up');
    await page.getByRole('alert').getByText(/parse error: unclosed left parenthesis/).waitFor();
    await query().fill('vector(3)');
    await query().press('Enter');
    await page.getByRole('cell', { name: '3' }).waitFor();
    await page.goBack();
    await eventually(async () => assert.equal(await query().inputValue(), 'sum(up'));
  });

  it('takes over the query of a panel, with what was chosen', async () => {
    await page.goto(`${app.url}/dashboards/signalbox-services?var-service=payments`);
    await page.getByRole('article', { name: 'Request rate' }).getByRole('link', { name: 'Ask further with the query of Request rate' }).click();
    await page.waitForURL((url) => url.pathname === '/explore' && (url.searchParams.get('expr') ?? '').includes('job=~"payments"') && url.searchParams.get('from') === 'now-30m');
    await page.locator('article canvas').waitFor();
    assert.equal(await page.getByRole('alert').count(), 0);
  });
});
