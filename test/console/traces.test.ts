import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { openConsole, until } from './open-console.js';
import type { Console } from './open-console.js';

describe('console: searching traces', function () {
  this.timeout(180_000);
  let app: Console;
  let page: Page;
  const rows = () => page.locator('.results tbody tr');
  const search = () => page.getByRole('button', { name: 'Search', exact: true }).click();

  before(async function () {
    app = await openConsole(this);
    page = await app.page();
  });
  after(async () => { await app?.close(); });

  it('shows the newest traces at once, with a dot for each', async () => {
    await page.goto(app.url);
    await rows().first().waitFor();
    assert.equal(await rows().count(), 50);
    assert.equal(await page.locator('.scatter circle').count(), 50);
    assert.match(page.url(), /\/traces$/);
  });

  it('names the services of each trace, and cuts none away', async () => {
    const cut = `[...document.querySelectorAll('.result-service')].filter((service) => {
      const [inner, outer] = [service, service.closest('td')].map((element) => element.getBoundingClientRect());
      return inner.right > outer.right || inner.bottom > outer.bottom || inner.width < 20;
    }).length`;
    assert.ok(await page.locator('.result-service').count() > 100);
    assert.equal(await page.evaluate(cut), 0);
  });

  it('searches by service, operation and errors, and puts the search into the address', async () => {
    await page.getByLabel('Service', { exact: true }).selectOption('payments');
    await page.getByLabel('Operation').selectOption('POST /charge');
    await page.getByLabel('Errors only').check();
    await search();
    await page.getByRole('heading', { name: /^\d+ traces?$/ }).waitFor();
    await page.waitForURL(/service=payments&operation=POST\+%2Fcharge&errors=1/);
    await until(page, `document.querySelectorAll('.results tbody tr').length < 50 && document.querySelectorAll('.results tbody tr').length > 0`);
    assert.equal(await rows().count(), await page.locator('.results .tally.error').count(), 'each has failed spans');
    for (const text of await rows().allTextContents()) assert.match(text, /POST \/checkout/);
  });

  it('goes back to the search before, form and list', async () => {
    await page.goBack();
    await until(page, `document.querySelectorAll('.results tbody tr').length === 50`);
    assert.equal(await page.getByLabel('Service', { exact: true }).inputValue(), '');
    assert.equal(await page.getByLabel('Errors only').isChecked(), false);
  });

  it('restores a search from a link', async () => {
    await page.goto(`${app.url}/traces?service=inventory&tags=http.route%3D%2Freserve&min=20ms&max=5s&limit=20&from=now-3h&to=now&order=longest`);
    await rows().first().waitFor();
    assert.equal(await page.getByLabel('Tags').inputValue(), 'http.route=/reserve');
    assert.equal(await page.getByLabel('At least').inputValue(), '20ms');
    assert.equal(await page.getByLabel('At most').inputValue(), '5s');
    assert.equal(await page.getByRole('button', { name: 'Time range: Last 3 hours' }).count(), 1);
    assert.equal(await rows().count(), 20);
  });

  it('orders by duration', async () => {
    const milliseconds = (texts: readonly string[]) => texts.map((text) => (text.endsWith('ms') ? parseFloat(text) : parseFloat(text) * 1000));
    const longest = milliseconds(await page.locator('.results td.col-duration').allTextContents());
    assert.deepEqual(longest, [...longest].sort((a, b) => b - a));
    await page.getByRole('button', { name: 'Newest' }).click();
    await page.waitForURL((url) => !url.searchParams.has('order'));
    // Those of the day before have their date, which today's have not.
    const newest = (await page.locator('.results td.col-start').allTextContents()).map((text) => (/^\d{4}-/.test(text) ? text : `9999 ${text}`));
    assert.deepEqual(newest, [...newest].sort().reverse());
  });

  it('says at the field what is wrong with it, and asks nothing', async () => {
    const before = page.url();
    await page.getByLabel('Tags').fill('http.route="/reserve');
    await page.getByLabel('At least').fill('fast');
    await search();
    await page.getByText('The quotation mark after "http.route" is not closed.').waitFor();
    await page.getByText('Write a number and a unit').waitFor();
    assert.equal(await page.getByLabel('Tags').getAttribute('aria-invalid'), 'true');
    assert.equal(page.url(), before);
  });

  it('offers stored tags and their values', async () => {
    await page.goto(`${app.url}/traces`);
    await page.getByRole('button', { name: 'Add…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a tag' });
    await dialog.getByLabel('Tag', { exact: true }).fill('payment.provider');
    await dialog.locator('datalist option[value="acme"]').waitFor({ state: 'attached' });
    await dialog.getByLabel('Value').fill('acme');
    await dialog.getByRole('button', { name: 'Add' }).click();
    assert.equal(await page.getByLabel('Tags').inputValue(), 'payment.provider=acme');
  });

  it('takes a range from the picker, and one that is dragged in the scatter', async () => {
    await page.goto(`${app.url}/traces?limit=500`);
    await rows().first().waitFor();
    await page.getByRole('button', { name: 'Time range: Last hour' }).click();
    await page.getByRole('dialog', { name: 'Time range' }).getByRole('button', { name: 'Last 6 hours' }).click();
    await page.waitForURL(/from=now-6h/);
    const all = await rows().count();
    const box = await page.locator('.scatter svg').boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + box.width - 60, box.y + 8);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width - 15, box.y + 8, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/from=\d{13}&to=\d{13}/);
    await until(page, `document.querySelectorAll('.results tbody tr').length < ${all}`);
    // The chosen range is longer than the names of the others, and stays within the form.
    assert.ok(await page.evaluate(`document.querySelector('.search-form .range-button').getBoundingClientRect().right <= document.querySelector('.search-form').getBoundingClientRect().right - 10`));
    assert.ok(await page.evaluate(`[...document.querySelectorAll('.scatter text')].every((label) => label.getBoundingClientRect().right <= document.querySelector('.scatter svg').getBoundingClientRect().right)`));
  });

  it('searches anew as often as it is told to, and keeps that in the address', async () => {
    await page.goto(`${app.url}/traces?service=orders`);
    await page.getByLabel('Refresh every').selectOption('5s');
    await page.waitForURL(/service=orders&refresh=5s/);
    await page.waitForRequest(/\/tempo\/api\/search\?/, { timeout: 60_000 });
    await page.getByLabel('Errors only').check();
    await search();
    await page.waitForURL(/errors=1&refresh=5s/);
  });

  it('opens a trace by a click on its dot', async () => {
    await page.goto(`${app.url}/traces?service=settlement`);
    await page.locator('.scatter circle').first().click();
    await page.waitForURL(/\/trace\/11de0ade/);
  });

  it('opens a trace by its id', async () => {
    await page.getByLabel('Open a trace by its id').fill('F4A11ED0C0FFEE00C0FFEE0000000001');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/trace\/f4a11ed0c0ffee00c0ffee0000000001/);
  });

  it('says what to do when nothing matches', async () => {
    await page.goto(`${app.url}/traces?tags=no.such%3Dthing`);
    await page.getByRole('heading', { name: 'No trace matches' }).waitFor();
    await page.getByRole('button', { name: 'Clear the conditions' }).click();
    await rows().first().waitFor();
  });

  it('shows the API’s own words for what it refuses', async () => {
    await page.route('**/tempo/api/search?*', (route) => route.fulfill({ status: 400, contentType: 'text/plain', body: 'invalid TraceQL query: parse error at line 1, col 3' }));
    await page.goto(`${app.url}/traces?service=orders`);
    await page.getByRole('alert').getByText('parse error at line 1, col 3').waitFor();
    await page.unroute('**/tempo/api/search?*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await rows().first().waitFor();
  });

  it('says that the appliance does not answer', async () => {
    await page.route('**/tempo/api/search?*', (route) => route.abort());
    await page.goto(`${app.url}/traces`);
    await page.getByRole('alert').getByText('The appliance does not answer.').waitFor();
    await page.unroute('**/tempo/api/search?*');
    await rows().first().waitFor();
    assert.equal(await page.getByRole('alert').count(), 0, 'it asked again by itself');
  });

  it('keeps what was found while the appliance is away', async () => {
    await page.route('**/tempo/api/search?*', (route) => route.fulfill({ status: 503, body: '' }));
    await page.getByRole('button', { name: 'Refresh', exact: true }).click();
    await page.getByRole('alert').getByText('this page goes on asking').waitFor();
    assert.ok(await rows().count() > 0);
    await page.unroute('**/tempo/api/search?*');
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });
});

describe('console: before any data', function () {
  this.timeout(180_000);
  let app: Console;

  before(async function () { app = await openConsole(this, { empty: true }); });
  after(async () => { await app?.close(); });

  it('says how an application is instrumented', async () => {
    const page = await app.page();
    await page.goto(app.url);
    await page.getByRole('heading', { name: 'No traces have arrived yet' }).waitFor();
    await page.getByText('node --import /home/shop/signalbox/agents/node/dist/register.js app.js').waitFor();
  });

  it('sees the first trace by itself', async () => {
    const page = await app.page();
    await page.goto(app.url);
    await page.getByRole('heading', { name: 'No traces have arrived yet' }).waitFor();
    await page.route('**/tempo/api/search?*', (route) => route.fulfill({ json: { traces: [{ traceID: '1', rootServiceName: 'shop', rootTraceName: 'GET /first', startTimeUnixNano: `${Date.now()}000000`, durationMs: 12, serviceStats: { shop: { spanCount: 1 } } }] } }));
    await page.route('**/jaeger/api/services', (route) => route.fulfill({ json: { data: ['shop'] } }));
    await page.getByRole('link', { name: /GET \/first/ }).waitFor();
    await page.close();
  });

  it('stands without anything in all views', async () => {
    const page = await app.page();
    for (const [path, text] of [['/explore', 'No metrics in this time range'], ['/logs', 'No log line matches'], ['/status', 'Nothing has been accepted yet'], ['/dashboards/signalbox-services', 'No data in this time range'], ['/nowhere', 'There is no such page']] as const) {
      await page.goto(`${app.url}${path}`);
      await page.getByText(text).first().waitFor();
    }
    assert.deepEqual(app.complaints, []);
  });
});
