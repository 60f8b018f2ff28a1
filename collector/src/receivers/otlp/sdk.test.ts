import assert from 'node:assert/strict';
import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { BasicTracerProvider, SimpleSpanProcessor, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import { decodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { serviceName } from '@signalbox/signals/model/service';
import { startReceiver } from './fixture.test.js';

/** Notes what became of each export. */
class Watched implements SpanExporter {
  readonly results: ExportResult[] = [];
  constructor(private readonly inner: SpanExporter) {}
  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.inner.export(spans, (result) => {
      this.results.push(result);
      done(result);
    });
  }
  shutdown(): Promise<void> {
    return this.inner.shutdown();
  }
}

describe('receivers/otlp and the OpenTelemetry SDK', () => {
  for (const compression of [CompressionAlgorithm.NONE, CompressionAlgorithm.GZIP]) {
    it(`takes what its gRPC exporter sends (${compression})`, async () => {
      const started = await startReceiver();
      try {
        const exporter = new Watched(new OTLPTraceExporter({ url: `http://127.0.0.1:${started.grpcPort}`, compression }));
        const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
        const tracer = provider.getTracer('test', '1.0');
        const span = tracer.startSpan('checkout', { attributes: { 'cart.items': 3, 'cart.total': 9.5, tags: ['a', 'b'] } });
        span.addEvent('paid');
        span.recordException(new Error('too late'));
        span.end();
        await provider.forceFlush();
        await provider.shutdown();
        assert.deepEqual(exporter.results.map(({ code }) => code), [ExportResultCode.SUCCESS]);
        const [frame] = await started.frames();
        const [resource] = decodeTraces(frame!.payload).resourceSpans;
        assert.match(serviceName(resource!.resource!), /^unknown_service/);
        const [kept] = resource!.scopeSpans[0]!.spans;
        assert.equal(kept!.name, 'checkout');
        assert.equal(kept!.spanId, span.spanContext().spanId);
        assert.deepEqual(kept!.attributes, [{ key: 'cart.items', value: 3n }, { key: 'cart.total', value: 9.5 }, { key: 'tags', value: ['a', 'b'] }]);
        assert.deepEqual(kept!.events.map(({ name }) => name), ['paid', 'exception']);
      } finally {
        await started.close();
      }
    });
  }
});
