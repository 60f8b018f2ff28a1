import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { BIG_TRACE } from '../../console/dev/big-trace.js';
import { FAILED_TRACE, LINKED_TRACE } from '../../console/dev/shop.js';
import { openConsole, until } from './open-console.js';
import type { Console } from './open-console.js';

describe('console: a trace', function () {
  this.timeout(180_000);
  let app: Console;
  let page: Page;
  const tree = () => page.getByRole('tree');
  const rows = () => page.getByRole('treeitem');
  const selected = () => page.locator('[role=treeitem][aria-selected=true]');
  const selectedName = async () => (await selected().getAttribute('aria-label')) ?? '';

  before(async function () {
    app = await openConsole(this);
    page = await app.page();
  });
  after(async () => { await app?.close(); });

  it('shows the waterfall, the facts and the log lines', async () => {
    await page.goto(`${app.url}/trace/${FAILED_TRACE}`);
    await rows().first().waitFor();
    assert.equal(await rows().count(), 12);
    assert.match((await rows().first().getAttribute('aria-label')) ?? '', /^storefront POST \/checkout, \d+ ms, failed$/);
    assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'POST /checkout');
    assert.equal(await page.getByText('5 failed').count(), 1);
    await page.locator('.log-line').first().waitFor();
    assert.equal(await page.locator('.log-line').count(), 8);
    assert.equal(await page.title(), 'storefront POST /checkout · Signalbox');
  });

  it('rings the bars of failed spans within them, so that nothing of it is cut off where they begin', async () => {
    const rings: readonly string[] = await page.evaluate(`[...document.querySelectorAll('.wf-row.failed .wf-bar')].map((bar) => getComputedStyle(bar).boxShadow)`);
    assert.equal(rings.length, 5);
    for (const ring of rings) assert.deepEqual(ring.split(/,(?![^(]*\))/).map((each) => each.endsWith('inset')), [true, true], ring);
  });

  it('shows everything of a span: status, exception with its stack, attributes, resource', async () => {
    await page.getByRole('treeitem', { name: /^payments POST \/charge/ }).click();
    const pane = page.getByRole('region', { name: 'Details' });
    for (const text of ['card declined: insufficient funds', 'PaymentDeclined', 'at charge (/app/payments/charge.js:41:11)', 'payment.amount', '49.9', 'service.version', '@opentelemetry/instrumentation-http 0.223.0']) await pane.getByText(text).first().waitFor();
    await page.waitForURL(/span=[0-9a-f]{16}/);
  });

  it('keeps names and values of any length in their places', async () => {
    const odd = await app.page();
    const text = (value: string) => ({ stringValue: value });
    const service = 'very-long-service-name-'.repeat(5);
    await odd.route('**/tempo/api/v2/traces/*', (route) => route.fulfill({ json: { resourceSpans: [{
      resource: { attributes: [{ key: 'service.name', value: text(service) }] },
      scopeSpans: [{ spans: [{
        traceId: '0123456789abcdef0123456789abcdef', spanId: '0123456789abcdef', name: `GET /${'segment'.repeat(40)}`, kind: 2, startTimeUnixNano: '1700000000000000000', endTimeUnixNano: '1700000000900000000',
        status: { code: 2, message: 'It goes on. '.repeat(300) }, attributes: [{ key: 'key.'.repeat(40), value: text('x'.repeat(30_000)) }],
      }] }],
    }] } }));
    for (const width of [390, 1440]) {
      await odd.setViewportSize({ width, height: 900 });
      // A span that is not in the trace is none.
      await odd.goto(`${app.url}/trace/0123456789abcdef0123456789abcdef?span=ffffffffffffffff`);
      const value = odd.locator('.attribute-value').first();
      await value.waitFor();
      assert.ok((await value.evaluate((element) => element.getBoundingClientRect().height)) < 240);
      assert.ok((await odd.locator('.span-pane .alarm').evaluate((element) => element.getBoundingClientRect().height)) < 260);
      assert.equal(await odd.locator('.trace').evaluate((element) => element.scrollWidth - element.clientWidth), 0);
      assert.ok((await odd.getByRole('link', { name: 'JSON' }).evaluate((element) => element.getBoundingClientRect().right)) <= width);
    }
    await odd.close();
  });

  it('keeps the selection in the address', async () => {
    await page.reload();
    await selected().waitFor();
    assert.match(await selectedName(), /^payments POST \/charge/);
  });

  it('leads to the lines under Logs, and from one of them back', async () => {
    await page.getByRole('tab', { name: /Logs/ }).click();
    await page.getByRole('link', { name: 'These lines under Logs' }).click();
    await page.waitForURL(/\/logs\?/);
    await until(page, `document.querySelectorAll('.logs-line').length === 8`);
    await page.goBack();
    await selected().waitFor();
    assert.match(await selectedName(), /^payments POST \/charge/);
    await page.getByRole('link', { name: 'All lines of payments at that time' }).waitFor();
  });

  it('goes to where the failure came from, and round all that failed', async () => {
    const own = await app.page();
    await own.goto(`${app.url}/trace/${FAILED_TRACE}`);
    const failed = own.getByRole('button', { name: '5 failed' });
    const picked = own.locator('[role=treeitem][aria-selected=true]');
    const names: string[] = [];
    for (let press = 0; press < 3; press++) {
      const before = names.at(-1) ?? '';
      await failed.click();
      await until(own, `![null, undefined, ${JSON.stringify(before)}].includes(document.querySelector('[role=treeitem][aria-selected=true]')?.getAttribute('aria-label'))`);
      names.push((await picked.getAttribute('aria-label')) ?? '');
    }
    assert.match(names[0] ?? '', /^payments POST \/charge/);
    assert.match(names[1] ?? '', /^storefront POST \/checkout/);
    assert.match(names[2] ?? '', /^storefront orders\.Orders\/Place/);
    await own.getByRole('region', { name: 'Details' }).getByRole('heading', { name: 'orders.Orders/Place' }).waitFor();
    await own.close();
  });

  it('shows the lines of the selected span alone, and of those below', async () => {
    await page.getByRole('tab', { name: /Logs/ }).click();
    const group = page.getByRole('group', { name: 'Whose lines' });
    await group.getByRole('button', { name: 'Span', exact: true }).click();
    assert.deepEqual(await page.locator('.log-body').allTextContents(), ['charging card •••• 4242', 'charge failed: card declined: insufficient funds']);
    await page.getByRole('treeitem', { name: /^orders orders.Orders\/Place/ }).click();
    await page.getByRole('tab', { name: /Logs/ }).click();
    assert.equal(await page.locator('.log-line').count(), 2);
    await group.getByRole('button', { name: 'Span and below' }).click();
    assert.equal(await page.locator('.log-line').count(), 5);
    await group.getByRole('button', { name: 'Trace' }).click();
    await page.getByLabel('Filter lines').fill('DECLINED');
    assert.equal(await page.locator('.log-line').count(), 2);
    await page.getByLabel('Filter lines').fill('');
  });

  it('selects the span of a line that is clicked, and unfolds what hides it', async () => {
    await page.getByRole('button', { name: 'Fold all' }).click();
    assert.equal(await rows().count(), 3);
    await page.getByText('charge failed: card declined').click();
    await selected().waitFor();
    assert.match(await selectedName(), /^payments POST \/charge/);
    await page.getByRole('region', { name: 'Details' }).getByText('exception.type').waitFor();
    await page.getByRole('button', { name: 'Unfold all' }).click();
    assert.equal(await rows().count(), 12);
  });

  it('is walked by the keyboard', async () => {
    await tree().focus();
    const presses: readonly [key: string, expected: RegExp][] = [
      ['Home', /^storefront POST \/checkout/], ['ArrowDown', /jsonParser/], ['ArrowDown', /^storefront orders.Orders\/Place/], ['ArrowRight', /^orders orders.Orders\/Place/], ['ArrowLeft', /^orders orders.Orders\/Place/],
      ['ArrowLeft', /^storefront orders.Orders\/Place/], ['End', /^orders orders.Orders\/Place/], ['n', /^orders POST/], ['n', /^payments POST \/charge/], ['n', /^storefront POST \/checkout/], ['p', /^payments POST \/charge/],
    ];
    for (const [key, expected] of presses) {
      await page.keyboard.press(key);
      assert.match(await selectedName(), expected, key);
      assert.equal(await tree().getAttribute('aria-activedescendant'), await selected().getAttribute('id'));
    }
  });

  it('shows a part of the time, chosen in the overview', async () => {
    const box = await page.locator('.minimap-area').boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + box.width * 0.5, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.75, box.y + 20, { steps: 3 });
    await page.mouse.up();
    await page.waitForURL(/zoom=0\.\d+-0\.7/);
    await page.locator('.wf-outside').first().waitFor();
    await page.getByRole('button', { name: 'Whole trace' }).click();
    await page.locator('.wf-outside').first().waitFor({ state: 'detached' });
    await page.waitForURL((url) => !url.searchParams.has('zoom'));
  });

  it('gives its JSON', async () => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'JSON' }).click()]);
    assert.equal(download.suggestedFilename(), `trace-${FAILED_TRACE}.json`);
    const json = JSON.parse(readFileSync((await download.path()), 'utf8')) as { trace: { resourceSpans: unknown[] } };
    assert.equal(json.trace.resourceSpans.length, 4);
  });

  it('leads to linked traces, and says what has no parent', async () => {
    await page.goto(`${app.url}/trace/${LINKED_TRACE}`);
    await page.getByText('no parent').waitFor();
    await page.getByRole('treeitem', { name: /^settlement process/ }).click();
    await page.getByRole('link', { name: /^Trace f4a11ed0c0ffee00/ }).click();
    await page.waitForURL(new RegExp(`/trace/${FAILED_TRACE}\\?span=f4a11ed000000001`));
    await selected().waitFor();
    await page.goBack();
    await page.waitForURL(new RegExp(LINKED_TRACE));
  });

  it('shows span and lines side by side where there is room', async () => {
    const wide = await app.page({ viewport: { width: 1920, height: 1080 }, colorScheme: 'dark' });
    await wide.goto(`${app.url}/trace/${FAILED_TRACE}?span=f4a11ed000000001`);
    await wide.getByRole('region', { name: 'Selected span' }).getByText('enduser.id').waitFor();
    const lines = wide.getByRole('region', { name: 'Log lines' }).locator('.log-line');
    await lines.first().waitFor();
    assert.equal(await lines.count(), 8);
  });

  it('begins there with the span where the failure came from, or the root, and leaves the address as it is', async () => {
    const wide = await app.page({ viewport: { width: 1920, height: 1080 } });
    const pane = wide.getByRole('region', { name: 'Selected span' });
    for (const [trace, name] of [[FAILED_TRACE, 'POST /charge'], [LINKED_TRACE, 'process']] as const) {
      await wide.goto(`${app.url}/trace/${trace}`);
      await pane.getByRole('heading', { level: 2 }).waitFor();
      assert.match((await pane.getByRole('heading', { level: 2 }).textContent()) ?? '', new RegExp(name));
      assert.equal(await wide.locator('[role=treeitem][aria-selected=true]').count(), 1);
      await wide.locator('.log-line, .pane-empty').first().waitFor();
      assert.ok(!wide.url().includes('span='), wide.url());
    }
    await wide.getByRole('tree').focus();
    await wide.keyboard.press('ArrowDown');
    await wide.waitForURL(/span=[0-9a-f]{16}/);
  });

  it('without a complaint of the browser', () => { assert.deepEqual(app.complaints, []); });

  it('says that a trace is not there', async () => {
    await page.goto(`${app.url}/trace/00000000000000000000000000000abc`);
    await page.getByRole('heading', { name: 'This trace is not here' }).waitFor();
  });

  describe('of 10,000 spans', () => {
    it('has only the rows in sight in the page', async () => {
      await page.goto(`${app.url}/trace/${BIG_TRACE}`);
      await rows().first().waitFor();
      assert.equal(await page.locator('.trace-facts').getByText('10,000', { exact: true }).count(), 1);
      assert.ok(await rows().count() < 80);
    });

    it('is scrolled to any place and shows its rows', async () => {
      for (const share of [0.5, 1, 0.25, 0]) {
        await page.evaluate(`(() => { const element = document.querySelector('[role=tree]'); element.scrollTop = (element.scrollHeight - element.clientHeight) * ${share}; })()`);
        const expected = Math.max(1, Math.round(share * 9_990));
        await until(page, `[...document.querySelectorAll('[role=treeitem]')].some((row) => Math.abs(Number(row.getAttribute('aria-posinset')) - ${expected}) < 30)`);
        assert.ok(await rows().count() < 80);
      }
    });

    it('is walked and folded by the keyboard', async () => {
      await tree().focus();
      await page.keyboard.press('End');
      await selected().waitFor();
      assert.equal(await selected().getAttribute('aria-posinset'), '10000');
      await page.keyboard.press('n');
      assert.match(await selectedName(), /failed$/);
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowLeft');
      assert.equal(await rows().count(), 1);
    });

    it('brings the span of a line into sight', async () => {
      await page.getByRole('tab', { name: /Logs/ }).click();
      await page.locator('.log-line button').last().click();
      await selected().waitFor();
      await until(page, `(() => { const row = document.querySelector('[role=treeitem][aria-selected=true]')?.getBoundingClientRect(); const tree = document.querySelector('[role=tree]').getBoundingClientRect(); return row && row.top >= tree.top && row.bottom <= tree.bottom; })()`);
    });
  });
});
