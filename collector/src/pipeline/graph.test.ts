import assert from 'node:assert/strict';
import { loadConfig } from '../config/load.js';
import { builtinRegistry } from '../registry.js';
import { pipelineGraph } from './graph.js';

describe('pipeline/graph', () => {
  const graphOf = (text: string) => pipelineGraph(loadConfig({ text, file: 'signalbox.yaml', env: {}, registry: builtinRegistry(), sections: {} }));

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
