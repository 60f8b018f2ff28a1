import assert from 'node:assert/strict';
import { context, span, StoreFixture, traces } from './store-fixture.test.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';

describe('Store', () => {
  let fixture: StoreFixture;
  afterEach(() => fixture.close());

  it('shows spans before they are in a file, and after', async () => {
    fixture = await StoreFixture.open();
    const sent = [span(), span({ parentSpanId: '00f067aa0ba902b7', kind: 3, status: { code: 2, message: 'no' } })];
    await fixture.appendTraces(traces('shop', sent));
    await fixture.fresh();
    const hot = await fixture.store.readers.spans.trace(context(), TRACE);
    assert.deepEqual(hot.map((s) => s.span), sent);
    assert.equal(hot[0].service, 'shop');
    await fixture.reopen();
    assert.deepEqual(await fixture.store.readers.spans.trace(context(), TRACE), hot);
  });
});
