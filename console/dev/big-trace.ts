import type { TraceWriter } from './trace-writer.js';

export const BIG_TRACE = 'b16b00b5000000000000000000010000';

/** A nightly export of `count` spans: stores, products, queries; one in 97 of the queries fails. */
export function nightlyExport(trace: TraceWriter, startMs: number, count: number): void {
  const { random } = trace;
  const totalMs = 90_000;
  const root = trace.span({ service: 'reports', name: 'nightly export', kind: 1, parent: '', startMs, durationMs: totalMs });
  let written = 1;
  const stores = 40;
  for (let store = 0; store < stores && written < count; store++) {
    const storeStart = startMs + (store / stores) * totalMs;
    const storeMs = totalMs / stores;
    const parent = trace.span({ service: 'reports', name: `export store ${store + 1}`, kind: 1, parent: root, startMs: storeStart, durationMs: storeMs * 0.97 });
    written++;
    // What is left over goes to the last store, so that there are exactly `count` spans.
    const perStore = store === stores - 1 ? count - written : Math.floor((count - 1) / stores) - 1;
    for (let made = 0; made < perStore && written < count;) {
      const productStart = storeStart + (made / perStore) * storeMs * 0.95;
      const productMs = (storeMs * 0.95 * 8) / perStore;
      const product = trace.span({ service: 'catalogue', name: 'GET /products/:id', kind: 2, parent, startMs: productStart, durationMs: productMs * 0.9 });
      made++;
      written++;
      for (let query = 0; query < 7 && made < perStore && written < count; query++) {
        const failed = written % 97 === 0;
        const id = trace.span({ service: query % 3 === 2 ? 'images' : 'inventory', name: query % 3 === 2 ? 'GET /image' : 'SELECT shop', kind: 3, parent: product, startMs: productStart + (query / 7) * productMs * 0.8, durationMs: random.between(0.2, productMs / 8), ...(failed ? { error: 'statement timeout' } : {}) });
        made++;
        written++;
        if (failed) trace.log('inventory', 'error', productStart + (query / 7) * productMs * 0.8, 'statement timeout after 2000 ms', id);
      }
    }
  }
}
