import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { HistogramDataPoint } from '@signalbox/signals/model/metric';
import type { Span } from '@signalbox/signals/model/span';
import { span } from '../../receivers/otlp/fixture.test.js';
import { batchOf, connectorOf, countsOf, rowsOf, SECOND, START } from '../fixture.test.js';
import { servicegraph } from './index.js';

const TOTAL = 'traces_service_graph_request_total';
const FAILED = 'traces_service_graph_request_failed_total';
const CLIENT = 'traces_service_graph_request_client';
const SERVER = 'traces_service_graph_request_server';
const UNPAIRED = 'traces_service_graph_unpaired_spans_total';
const DROPPED = 'traces_service_graph_dropped_spans_total';
const FAST = { metrics_flush_interval: '1s' };

const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, '0');
/** A span of 100 ms times its kind. */
const spanOf = (trace: number, id: number, parent: number | null, kind: number, change: Partial<Span> = {}): Span =>
  span(0, { traceId: hex(trace, 32), spanId: hex(id, 16), parentSpanId: parent === null ? '' : hex(parent, 16), kind, startNs: START, endNs: START + BigInt(kind) * 100_000_000n, attributes: [], ...change });
const edge = (client: string, server: string, connection = '', failed = false): string => `client=${client} server=${server} connection_type=${connection} failed=${failed}`;

describe('connectors/servicegraph', () => {
  for (const order of ['client first', 'server first', 'in one frame']) {
    it(`pairs the two sides of a request, ${order}`, () => {
      const { connector } = connectorOf(servicegraph, FAST);
      const [client, server] = [spanOf(1, 10, null, 3), spanOf(1, 11, 10, 2, { status: { code: 2, message: '' } })];
      if (order === 'in one frame') connector.consume(batchOf({ web: [client], shop: [server] }, START));
      else {
        const frames = [batchOf({ web: [client] }, START), batchOf({ shop: [server] }, START + SECOND)];
        for (const frame of order === 'client first' ? frames : frames.reverse()) connector.consume(frame);
      }
      const rows = rowsOf(connector.flush(START + 2n * SECOND));
      assert.deepEqual(rows.map(({ name, unit, labels }) => [name, unit, labels]), [TOTAL, FAILED, CLIENT, SERVER].map((name, i) => [name, i > 1 ? 's' : '', edge('web', 'shop', '', true)]));
      assert.deepEqual(rows.slice(2).map(({ point }) => (point as HistogramDataPoint).sum), [0.3, 0.2]);
    });
  }

  it('counts as a computation by hand does, whatever the traces and the order of their spans', () => {
    const request = fc.record({ client: fc.constantFrom('a', 'b', 'c'), server: fc.constantFrom('b', 'c', 'd'), messaging: fc.boolean(), failed: fc.boolean() });
    const requests = fc.array(request, { maxLength: 30 });
    fc.assert(fc.property(requests, fc.array(fc.nat(), { minLength: 60, maxLength: 60 }), fc.nat({ max: 60 }), (all, order, restartAt) => {
      const sides = all.flatMap(({ client, server, messaging, failed }, i) => [
        { service: client, span: spanOf(i % 4, 2 * i + 1, null, messaging ? 4 : 3) },
        { service: server, span: spanOf(i % 4, 2 * i + 2, 2 * i + 1, messaging ? 5 : 2, { status: { code: failed ? 2 : 0, message: '' } }) },
      ]);
      const shuffled = sides.map((side, i) => ({ side, at: order[i] })).sort((a, b) => a.at - b.at).map(({ side }) => side);
      let { connector } = connectorOf(servicegraph, FAST);
      shuffled.forEach(({ service, span: each }, i) => {
        if (i === restartAt) {
          const bytes = connector.state.snapshot();
          ({ connector } = connectorOf(servicegraph, FAST));
          connector.state.restore(bytes);
        }
        connector.consume(batchOf({ [service]: [each] }, START + BigInt(i)));
      });
      const expected: Record<string, number> = {};
      for (const { client, server, messaging, failed } of all) {
        const labels = edge(client, server, messaging ? 'messaging_system' : '', failed);
        for (const name of failed ? [TOTAL, FAILED, CLIENT, SERVER] : [TOTAL, CLIENT, SERVER]) expected[`${name}{${labels}}`] = (expected[`${name}{${labels}}`] ?? 0) + 1;
      }
      assert.deepEqual(countsOf(connector.flush(START + SECOND)), expected);
    }), { numRuns: 200 });
  });

  it('takes a database for the other side', () => {
    const { connector } = connectorOf(servicegraph, FAST);
    connector.consume(batchOf({ shop: [spanOf(1, 10, 9, 3, { attributes: [{ key: 'db.namespace', value: 'orders' }, { key: 'db.system.name', value: 'postgresql' }] })] }, START));
    const rows = rowsOf(connector.flush(START + SECOND));
    assert.deepEqual(rows.map(({ labels }) => labels), [TOTAL, CLIENT, SERVER].map(() => edge('shop', 'orders', 'database')));
    assert.deepEqual(rows.slice(1).map(({ point }) => (point as HistogramDataPoint).sum), [0.3, 0.3]);
  });

  it('names what sends no spans, once nobody comes any more', () => {
    const { connector, metrics } = connectorOf(servicegraph, { ...FAST, store: { ttl: '5s' }, virtual_node_extra_label: true });
    connector.consume(batchOf({ shop: [spanOf(1, 10, 9, 3, { attributes: [{ key: 'server.address', value: 'pay.example' }, { key: 'peer.service', value: 'pay' }] }), spanOf(2, 20, 19, 3)], web: [spanOf(3, 30, null, 2)], late: [spanOf(4, 40, 39, 2)] }, START));
    const labels = (virtual: string, ...of: Parameters<typeof edge>): string => `${TOTAL}{${edge(...of)} virtual_node=${virtual}}`;
    const totals = (nowNs: bigint): string[] => Object.keys(countsOf(connector.flush(nowNs))).filter((name) => name.startsWith(TOTAL) || name.startsWith(UNPAIRED));
    assert.deepEqual(totals(START + SECOND), [labels('client', 'user', 'web', 'virtual_node')]);
    connector.consume(batchOf({ web: [spanOf(5, 50, 49, 1)] }, START + 4n * SECOND));
    assert.equal(totals(START + 100n * SECOND).length, 1, 'the journal lags: its own time counts');
    assert.deepEqual(totals(START + 102n * SECOND), [labels('client', 'user', 'web', 'virtual_node'), labels('server', 'shop', 'pay', 'virtual_node'), labels('server', 'shop', 'unknown', 'virtual_node'), `${UNPAIRED}{client= server=late connection_type=}`]);
    assert.match(metrics.expose(), /otelcol_connector_servicegraph_expired_edges_total\{connector="servicegraph"\} 1/);
    assert.match(metrics.expose(), /otelcol_connector_servicegraph_total_edges_total\{connector="servicegraph"\} 3/);
  });

  it('invents nobody where that is not wanted', () => {
    const { connector } = connectorOf(servicegraph, { ...FAST, virtual_node_peer_attributes: [] });
    connector.consume(batchOf({ shop: [spanOf(1, 10, 9, 3, { attributes: [{ key: 'peer.service', value: 'pay' }] })], web: [spanOf(3, 30, null, 2)] }, START));
    connector.flush(START);
    assert.deepEqual(countsOf(connector.flush(START + 20n * SECOND)), { [`${UNPAIRED}{client= server=web connection_type=}`]: 1, [`${UNPAIRED}{client=shop server= connection_type=}`]: 1 });
  });

  it('has room for so many spans, and counts the others', () => {
    const { connector, metrics } = connectorOf(servicegraph, { ...FAST, store: { max_items: 2 } });
    connector.consume(batchOf({ shop: [1, 2, 3, 4].map((i) => spanOf(i, 10, 9, 3)) }, START));
    connector.consume(batchOf({ pay: [1, 2, 3].map((i) => spanOf(i, 11, 10, 2)) }, START));
    const counts = countsOf(connector.flush(START + SECOND));
    assert.equal(counts[`${TOTAL}{${edge('shop', 'pay')}}`], 2);
    assert.equal(counts[`${DROPPED}{client=shop server= connection_type=}`], 2);
    assert.match(metrics.expose(), /otelcol_connector_servicegraph_dropped_spans_total\{connector="servicegraph"\} 2/);
  });

  it('pairs spans of one tenant and one trace alone', () => {
    const { connector } = connectorOf(servicegraph, { ...FAST, virtual_node_peer_attributes: [] });
    connector.consume(batchOf({ web: [spanOf(1, 10, null, 3), spanOf(2, 10, null, 3)] }, START, 'blue'));
    connector.consume(batchOf({ shop: [spanOf(2, 11, 10, 2)] }, START, 'green'));
    connector.consume(batchOf({ shop: [spanOf(3, 11, 10, 2)] }, START, 'blue'));
    assert.deepEqual(connector.flush(START + SECOND), []);
    connector.consume(batchOf({ shop: [spanOf(2, 11, 10, 2), spanOf(1, 11, 10, 2)] }, START, 'blue'));
    assert.equal(countsOf(connector.flush(START + 2n * SECOND))[`${TOTAL}{${edge('web', 'shop')}}`], 2);
  });

  it('has dimensions of both sides', () => {
    const { connector } = connectorOf(servicegraph, { ...FAST, dimensions: ['host.name', 'zone'] });
    connector.consume(batchOf({ web: [spanOf(1, 10, null, 3)], shop: [spanOf(1, 11, 10, 2, { attributes: [{ key: 'zone', value: 'z' }] })] }, START));
    assert.ok(`${TOTAL}{${edge('web', 'shop')} client_host.name=web-1 server_host.name=shop-1 server_zone=z}` in countsOf(connector.flush(START + SECOND)));
  });

  it('counts edges beyond its limit in one that says so, and forgets those without requests', () => {
    const { connector } = connectorOf(servicegraph, { ...FAST, aggregation_cardinality_limit: 1, metrics_expiration: '60s' });
    connector.consume(batchOf({ a: [spanOf(1, 1, null, 2)], b: [spanOf(2, 2, null, 2)], c: [spanOf(3, 3, null, 2)] }, START));
    const counts = countsOf(connector.flush(START + SECOND));
    assert.deepEqual([counts[`${TOTAL}{${edge('user', 'a', 'virtual_node')}}`], counts[`${TOTAL}{otel.metric.overflow=true}`]], [1, 2]);
    assert.deepEqual(connector.flush(START + 100n * SECOND), []);
  });

  it('makes exponential histograms on request', () => {
    const { connector } = connectorOf(servicegraph, { ...FAST, exponential_histogram_max_size: 10 });
    connector.consume(batchOf({ a: [spanOf(1, 1, null, 2)] }, START));
    assert.deepEqual(rowsOf(connector.flush(START + SECOND)).map(({ values }) => values.type), ['sum', 'exponentialHistogram', 'exponentialHistogram']);
  });

  it('begins anew when its settings have changed', () => {
    const { connector } = connectorOf(servicegraph);
    connector.consume(batchOf({ a: [spanOf(1, 1, null, 2)] }, START));
    const { connector: changed, lines } = connectorOf(servicegraph, { dimensions: ['zone'] });
    changed.state.restore(connector.state.snapshot());
    assert.deepEqual(changed.flush(START + SECOND), []);
    assert.match(lines.join(''), /settings of the service graph have changed/);
    assert.throws(() => changed.state.restore(Buffer.from([9])), /version 9/);
    assert.throws(() => connectorOf(servicegraph, { latency_histogram_buckets: ['1s'], exponential_histogram_max_size: 10 }), /not both/);
  });
});
