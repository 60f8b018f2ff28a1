import assert from 'node:assert/strict';
import { describeMetric, found } from './metrics.js';

describe('metrics to choose from', () => {
  it('are found by parts of their names, in any order and case', () => {
    const names = ['http_server_request_duration_seconds_bucket', 'http_client_request_duration_seconds_bucket', 'up'];
    assert.deepEqual(found(names, 'DURATION server'), [names[0]]);
    assert.deepEqual(found(names, ' '), names);
    assert.deepEqual(found(names, 'none'), []);
  });

  it('are described by the name of the whole', () => {
    const histogram = { type: 'histogram', help: 'How long' };
    const metadata = new Map([['wait_seconds', histogram]]);
    for (const name of ['wait_seconds', 'wait_seconds_bucket', 'wait_seconds_count', 'wait_seconds_sum']) assert.equal(describeMetric(name, metadata), histogram);
    assert.deepEqual(describeMetric('other', metadata), { type: '', help: '' });
  });
});
