import assert from 'node:assert/strict';
import { emptySearch, readSearch, searchHref } from './search.js';
import type { TraceSearch } from './search.js';

const of = (href: string): URLSearchParams => new URLSearchParams(href.split('?')[1] ?? '');

describe('address of a trace search', () => {
  it('is short where nothing is asked', () => { assert.equal(searchHref({}), '/traces'); });

  it('carries the whole search', () => {
    const search: TraceSearch = {
      service: 'a&b', operation: 'GET /x?y=z', tags: 'k="v v" n>=5', min: '10ms', max: '2s', errors: true, limit: 200, range: { from: 'now-6h', to: 'now' }, order: 'longest', refresh: '10s',
    };
    assert.deepEqual(readSearch(of(searchHref(search))), search);
  });

  it('takes the usual for what it cannot read', () => {
    assert.deepEqual(readSearch(new URLSearchParams('limit=7&from=yesterday&order=odd&errors=yes')), emptySearch);
  });
});
