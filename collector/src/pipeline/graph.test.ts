import assert from 'node:assert/strict';
import { loadConfig } from '../config/load.js';
import { builtinRegistry } from '../registry.js';
import type { ConnectorFactory } from '../component.js';
import { originsOf, pipelineGraph } from './graph.js';

describe('pipeline/graph', () => {
  const graphOf = (text: string) => pipelineGraph(loadConfig({ text, file: 'signalbox.yaml', env: {}, registry: builtinRegistry(), sections: {} }));

  it('ends pipelines in connectors too, and tells whose frames go to a type of exporter', () => {
    const count: ConnectorFactory = { type: 'count', takes: ['logs'], gives: ['metrics'], parseConfig: () => ({}), create: () => assert.fail('only planned') };
    const config = loadConfig({
      text: `
receivers: { otlp: {}, otlp/b: {} }
connectors: { count: {} }
exporters: { debug: {}, debug/b: {}, loki: { endpoint: "http://127.0.0.1:3100" } }
service:
  pipelines:
    logs: { receivers: [otlp], exporters: [loki, count] }
    logs/b: { receivers: [otlp, otlp/b], exporters: [debug] }
    metrics: { receivers: [count, otlp], exporters: [debug/b] }
`, file: 'signalbox.yaml', env: {}, registry: { ...builtinRegistry(), connectors: [count] }, sections: {},
    });
    const { readers, connectors } = pipelineGraph(config);
    assert.deepEqual(connectors.map(({ name, signal, origins, connector }) => ({ name, signal, origins, id: connector.id })), [{ name: 'logs→count', signal: 'logs', origins: ['otlp'], id: 'count' }]);
    assert.deepEqual(readers.map(({ name, origins }) => `${name}: ${origins.join(' ')}`), ['logs→loki: otlp', 'logs/b→debug: otlp otlp/b', 'metrics→debug/b: count otlp']);
    assert.deepEqual(originsOf(config, 'debug'), { traces: [], logs: ['otlp', 'otlp/b'], metrics: ['count', 'otlp'] });
  });

  it('makes one reader of each pair of pipeline and exporter', () => {
    const { receivers, readers } = graphOf(`
receivers: { otlp: {}, otlp/unused: { protocols: { grpc: { endpoint: "127.0.0.1:0" } } } }
exporters:
  loki: { endpoint: "http://127.0.0.1:3100" }
  loki/second: { endpoint: "http://127.0.0.1:3101" }
  prometheusremotewrite: { endpoint: "http://127.0.0.1:9090/api/v1/write" }
service:
  pipelines:
    logs: { receivers: [otlp], exporters: [loki, loki/second] }
    logs/copy: { receivers: [otlp], exporters: [loki] }
    metrics: { receivers: [otlp], exporters: [prometheusremotewrite] }
`);
    assert.deepEqual(receivers.map(({ id, signals }) => ({ id, signals })), [{ id: 'otlp', signals: ['logs', 'metrics'] }]);
    assert.deepEqual(readers.map(({ name, signal }) => `${name} ${signal}`), [
      'logs→loki logs', 'logs→loki/second logs', 'logs/copy→loki logs', 'metrics→prometheusremotewrite metrics',
    ]);
  });
});
