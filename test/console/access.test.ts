import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { FAILED_TRACE } from '../../console/dev/shop.js';
import { openConsole, until } from './open-console.js';
import type { Console } from './open-console.js';

describe('console: access with a token', function () {
  this.timeout(180_000);
  let app: Console;

  before(async function () { app = await openConsole(this, { token: 'the-token' }); });
  after(async () => { await app?.close(); });

  it('asks for a token, refuses a wrong one, and opens the page that was asked for', async () => {
    const page = await app.page();
    await page.goto(`${app.url}/trace/${FAILED_TRACE}`);
    await page.getByRole('heading', { name: 'A token is needed to read' }).waitFor();
    await page.getByLabel('Token').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('did not accept this token').waitFor();
    await page.getByLabel('Token').fill('the-token');
    await page.keyboard.press('Enter');
    await page.getByRole('treeitem').first().waitFor();
    await page.reload();
    await page.getByRole('treeitem').first().waitFor();
    assert.equal(await page.evaluate(`sessionStorage.getItem('signalbox.token')`), 'the-token');
    assert.equal(await page.evaluate(`localStorage.getItem('signalbox.token')`), null);
  });

  it('sends the token with a download too, and forgets it when told to', async () => {
    const page = await app.page();
    await page.goto(app.url);
    await page.getByLabel('Token').fill('the-token');
    await page.getByRole('button', { name: 'Open the console' }).click();
    await page.goto(`${app.url}/trace/${FAILED_TRACE}`);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'JSON' }).click()]);
    assert.ok(readFileSync(await download.path(), 'utf8').includes('resourceSpans'));
    await page.getByRole('button', { name: 'Forget the token' }).click();
    await page.getByRole('heading', { name: 'A token is needed to read' }).waitFor();
    assert.equal(await page.evaluate(`sessionStorage.getItem('signalbox.token')`), null);
  });
});

describe('console: logs, status and the page itself', function () {
  this.timeout(180_000);
  let app: Console;

  before(async function () { app = await openConsole(this); });
  after(async () => { await app?.close(); });

  it('finds log lines, narrows by a label, and leads to the trace', async () => {
    const page = await app.page();
    await page.goto(`${app.url}/logs`);
    await page.locator('.logs-line').first().waitFor();
    await page.getByRole('button', { name: 'Labels' }).click();
    await page.getByRole('dialog', { name: 'Labels' }).getByRole('button', { name: 'payments' }).click();
    await until(page, `[...document.querySelectorAll('.logs-service')].every((cell) => cell.textContent === 'payments')`);
    await page.getByLabel('LogQL query').fill('{service_name="payments"} |= "charge failed"');
    await page.keyboard.press('Enter');
    await until(page, `[...document.querySelectorAll('.logs-text')].every((cell) => cell.textContent.includes('charge failed'))`);
    await page.locator('.logs-press').first().click();
    await page.getByRole('rowheader', { name: 'exception_type' }).waitFor();
    await page.locator('.logs-trace').first().click();
    await page.waitForURL(/\/trace\/[0-9a-f]{32}\?span=/);
    await page.locator('[role=treeitem][aria-selected=true]').waitFor();
  });

  it('shows when the lines were written, and narrows the range to what is dragged across', async () => {
    const page = await app.page();
    await page.goto(`${app.url}/logs?limit=5000`);
    await page.locator('.logs-line').first().waitFor();
    const all = Number(((await page.locator('.logs-count strong').textContent()) ?? '').replaceAll(/\D/g, ''));
    assert.ok(await page.locator('.log-volume rect.failed').count() > 0);
    const box = await page.locator('.log-volume svg').boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + box.width * 0.4, box.y + 30);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 30, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/from=\d{13}&to=\d{13}/);
    await until(page, `(() => { const shown = Number(document.querySelector('.logs-count strong')?.textContent.replaceAll(/\\D/g, '') ?? 0); return shown > 0 && shown < ${all}; })()`);
    await page.goBack();
    await until(page, `Number(document.querySelector('.logs-count strong')?.textContent.replaceAll(/\\D/g, '') ?? 0) > ${all} * 0.8`);
  });

  it('shows the words of a refused LogQL query', async () => {
    const page = await app.page();
    await page.goto(`${app.url}/logs?query=${encodeURIComponent('{service_name=')}`);
    await page.getByRole('alert').getByText(/parse error|syntax error/).waitFor();
  });

  it('shows processes, ports and the ledger', async () => {
    const page = await app.page();
    await page.goto(`${app.url}/status`);
    await page.getByRole('region', { name: 'Ledger' }).getByRole('row', { name: /logs→loki logs 402,118 383,875 18,240/ }).waitFor();
    await page.getByRole('region', { name: 'Processes' }).getByRole('row', { name: /deliver running/ }).waitFor();
    await page.getByRole('region', { name: 'Listening' }).getByText('127.0.0.1:4317').waitFor();
  });

  it('turns dark and light, and remembers it', async () => {
    const page = await app.page({ colorScheme: 'light' });
    await page.goto(`${app.url}/status`);
    const background = () => page.evaluate(`getComputedStyle(document.body).backgroundColor`);
    const light = await background();
    const toggle = page.getByRole('button', { name: /^Theme/ });
    await toggle.click();
    await toggle.click();
    const dark = await background();
    assert.notEqual(dark, light);
    await page.reload();
    assert.equal(await background(), dark);
  });

  it('obeys a strict content security policy, on every page', async () => {
    const page = await app.page();
    const refused: string[] = [];
    page.on('console', (message) => { if (/Content Security Policy/.test(message.text())) refused.push(message.text()); });
    for (const path of ['/traces', `/trace/${FAILED_TRACE}`, '/dashboards', '/dashboards/signalbox-services', '/explore', '/logs', '/status']) {
      const response = await page.goto(`${app.url}${path}`, { waitUntil: 'networkidle' });
      assert.match((await response?.headerValue('content-security-policy')) ?? '', /default-src 'self'/);
    }
    assert.deepEqual(refused, []);
  });

  it('asks nobody but the appliance', async () => {
    const page = await app.page();
    const foreign: string[] = [];
    page.on('request', (request) => { if (!request.url().startsWith(app.url) && !request.url().startsWith('blob:') && !request.url().startsWith('data:')) foreign.push(request.url()); });
    await page.goto(`${app.url}/dashboards/signalbox-services`, { waitUntil: 'networkidle' });
    assert.deepEqual(foreign, []);
  });

  it('is small: under 250 kB compressed', () => {
    const assets = join(app.dist, 'assets');
    const bytes = readdirSync(assets).filter((name) => !name.endsWith('.map')).reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name))).length, 0);
    assert.ok(bytes < 250_000, `${bytes} bytes`);
  });
});
