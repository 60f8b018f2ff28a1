import assert from 'node:assert/strict';
import { createMetrics, exposeSnapshot, mergeSnapshots } from './metrics.js';

describe('telemetry/metrics', () => {
  it('exposes counters, gauges and histograms as Prometheus reads them', () => {
    const metrics = createMetrics();
    metrics.count('otelcol_receiver_accepted_spans', { receiver: 'otlp', transport: 'grpc' }, 500);
    metrics.count('otelcol_receiver_accepted_spans', { transport: 'grpc', receiver: 'otlp' }, 1);
    metrics.gauge('queue', { name: 'a"b\\c\nd' }, 2.5);
    metrics.observe('wait_seconds', {}, 0.02, [0.01, 0.1]);
    metrics.observe('wait_seconds', {}, 7, [0.01, 0.1]);
    assert.equal(
      metrics.expose(),
      [
        '# TYPE otelcol_receiver_accepted_spans_total counter',
        'otelcol_receiver_accepted_spans_total{receiver="otlp",transport="grpc"} 501',
        '# TYPE queue gauge',
        'queue{name="a\\"b\\\\c\\nd"} 2.5',
        '# TYPE wait_seconds histogram',
        'wait_seconds_bucket{le="0.01"} 0',
        'wait_seconds_bucket{le="0.1"} 1',
        'wait_seconds_bucket{le="+Inf"} 2',
        'wait_seconds_sum 7.02',
        'wait_seconds_count 2',
        '',
      ].join('\n'),
    );
  });

  it('bounds series and label values, and loses no count', () => {
    const metrics = createMetrics({ maxSeries: 2, maxLabelLength: 4 });
    for (const tenant of ['a', 'b', 'c', 'd']) metrics.count('items', { tenant }, 1);
    metrics.count('long', { name: 'abcdefgh' }, 1);
    metrics.count('long', { name: 'abcdXXXX' }, 1);
    assert.match(metrics.expose(), /items_total\{overflow="true"\} 2/);
    assert.match(metrics.expose(), /long_total\{name="abcd"\} 2/);
  });

  it('takes over what is counted elsewhere, as a counter that never falls', () => {
    const metrics = createMetrics();
    for (const value of [3, 7, 5]) metrics.total('appended_bytes', { kind: 'spans' }, value);
    assert.equal(metrics.expose(), '# TYPE appended_bytes_total counter\nappended_bytes_total{kind="spans"} 7\n');
  });

  it('keeps the first type of a name', () => {
    const metrics = createMetrics();
    metrics.count('n', {}, 1);
    metrics.gauge('n', {}, 9);
    metrics.observe('n', {}, 9);
    assert.equal(metrics.expose(), '# TYPE n_total counter\nn_total 1\n');
  });

  it('adds up snapshots that went through JSON', () => {
    const [a, b] = [createMetrics(), createMetrics()];
    a.count('n', { role: 'x' }, 1);
    b.count('n', { role: 'x' }, 2);
    b.count('n', { role: 'y' }, 5);
    a.observe('h', {}, 1, [2]);
    b.observe('h', {}, 3, [2]);
    const merged = mergeSnapshots([JSON.parse(JSON.stringify(a.snapshot())), b.snapshot()]);
    const text = exposeSnapshot(merged);
    assert.match(text, /n_total\{role="x"\} 3\nn_total\{role="y"\} 5/);
    assert.match(text, /h_bucket\{le="2"\} 1\nh_bucket\{le="\+Inf"\} 2\nh_sum 4\nh_count 2/);
    assert.match(a.expose(), /n_total\{role="x"\} 1/);
  });
});
