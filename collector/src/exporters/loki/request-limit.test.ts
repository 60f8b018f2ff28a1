import { strict as assert } from 'node:assert';
import { RequestLimit } from './request-limit.js';

const TEXT = 'HTTP 503: grpc error: code = ResourceExhausted desc = grpc: received message larger than max (5000 vs. 4000)';

describe('exporters/loki/request-limit', () => {
  it('learns from a refusal what fits', () => {
    const limit = new RequestLimit();
    assert.ok(limit.isUnknown);
    assert.equal(limit.refuses(1e9), false);
    limit.refused(10_000, TEXT);
    assert.ok(!limit.isUnknown);
    // 4,000 of 5,000, less a tenth.
    assert.deepEqual([7200, 7201].map((bytes) => limit.refuses(bytes)), [false, true]);
    limit.refused(1000, 'message larger than max');
    assert.deepEqual([500, 501].map((bytes) => limit.refuses(bytes)), [false, true]);
  });

  it('forgets it after a time, and learns the new one', () => {
    const limit = new RequestLimit();
    for (let round = 0; round < 3; round++) {
      limit.refused(10_000, TEXT);
      let divided = 0;
      while (limit.refuses(10_000)) divided++;
      assert.equal(divided, 500);
      assert.ok(limit.isUnknown);
    }
  });

  it('does not grow by what a larger request would have brought', () => {
    const limit = new RequestLimit();
    limit.refused(1000, TEXT);
    limit.refused(10_000, TEXT);
    assert.equal(limit.refuses(721), true);
  });
});
