import assert from 'node:assert/strict';
import type { LogRecord } from '@signalbox/signals/model/log-record';
import { Application, buildAgent } from './application.test.js';
import type { Received } from './collector.test.js';
import { plain, TestCollector } from './collector.test.js';

const QUICK = { OTEL_BSP_SCHEDULE_DELAY: '50', OTEL_BLRP_SCHEDULE_DELAY: '50', OTEL_METRICS_EXPORTER: 'none' };

for (const kind of ['mjs', 'cjs']) {
  describe(`logs of a real application, winston.${kind}`, function () {
    this.timeout(180_000);
    let collector: TestCollector;
    let application: Application;
    let records: Received<LogRecord>[];
    let traceId: string;
    let spanId: string;

    before(async () => {
      buildAgent();
      collector = await new TestCollector().start();
      application = new Application(`winston.${kind}`, {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.grpcUrl,
        OTEL_RESOURCE_ATTRIBUTES: 'service.version=2.3.4,deployment.environment.name=test',
        OTEL_SERVICE_NAME: 'shop',
        ...QUICK,
      });
      await fetch((await application.ready()).url);
      const span = await collector.until(() => collector.spans().find(({ kind: spanKind }) => spanKind === 2));
      ({ traceId, spanId } = span);
      await collector.until(() => collector.logs().find(({ body }) => body === 'later in the same request'));
      await application.stop();
      records = collector.logs();
    });
    after(async () => {
      await application.stop('SIGKILL');
      await collector.close();
    });

    const line = (message: string): Record<string, unknown> => {
      const found = application.lines().find((entry) => entry['message'] === message);
      assert.ok(found, message);
      return found;
    };
    const record = (body: string): Received<LogRecord> => {
      const found = records.find((entry) => entry.body === body);
      assert.ok(found, body);
      return found;
    };

    it('gives the lines of the application trace_id, span_id and service_version', () => {
      for (const message of ['with metadata', 'from a child', 'an object', 'later in the same request']) {
        const { trace_id, span_id, service_version } = line(message);
        assert.deepEqual({ trace_id, span_id, service_version }, { trace_id: traceId, span_id: spanId, service_version: '2.3.4' }, message);
      }
      const outside = line('outside of any request');
      assert.equal(outside['trace_id'], undefined);
      assert.equal(outside['service_version'], '2.3.4');
    });

    it('sends each line that is written once, and no other', () => {
      assert.deepEqual(
        records.map(({ body }) => body),
        [
          'outside of any request', 'with metadata', 'from a child', 'an object', 'paid', 'in colour: 3 items', 'payment failed',
          'payment failed: card declined', 'card declined', 'later in the same request',
        ],
      );
    });

    it('sends trace, severity and metadata, and nothing twice', () => {
      const { severityNumber, severityText, fields, ...rest } = record('with metadata');
      assert.deepEqual({ severityNumber, severityText }, { severityNumber: 9, severityText: 'info' });
      assert.deepEqual(fields, { component: 'shop', order: 7, nested: { items: ['a', 'b'] } });
      assert.deepEqual({ traceId: rest.traceId, spanId: rest.spanId, flags: rest.flags }, { traceId, spanId, flags: 1 });
      assert.ok(rest.timeNs > 0n && rest.observedTimeNs > 0n);
      const resource = plain(rest.resource?.attributes ?? []);
      assert.equal(resource['service.name'], 'shop');
      assert.equal(resource['service.version'], '2.3.4');
      assert.equal(resource['deployment.environment.name'], 'test');
      assert.equal(record('outside of any request').traceId, '');
      assert.equal(record('from a child').fields['user'], 'u1');
    });

    it('sends what the formats of the application left: redacted, without colours, without its own timestamp again', () => {
      assert.deepEqual(record('paid').fields, { note: 'redacted' });
      assert.match(String(line('paid')['timestamp']), /^\d{4}-/);
      const colourful = record('in colour: 3 items');
      assert.deepEqual({ severityNumber: colourful.severityNumber, severityText: colourful.severityText }, { severityNumber: 13, severityText: 'warning' });
      assert.doesNotMatch(JSON.stringify(records.map(({ fields }) => fields)), /4111|\u001b/);
    });

    it('tells an error by exception.*, however it was logged', () => {
      for (const body of ['payment failed', 'payment failed: card declined', 'card declined']) {
        const { fields, severityNumber } = record(body);
        assert.equal(severityNumber, 17);
        assert.equal(fields['exception.type'], 'TypeError', body);
        assert.equal(fields['exception.message'], 'card declined', body);
        assert.match(String(fields['exception.stacktrace']), /^TypeError: card declined\n {4}at .*\n[^]*Caused by: Error: limit reached\n {4}at /, body);
        assert.equal(fields['stack'], undefined);
      }
      const { amount, error } = record('payment failed').fields;
      assert.deepEqual({ amount, error }, { amount: 12.5, error: { code: 'E_CARD' } });
      assert.equal(record('payment failed: card declined').fields['code'], 'E_CARD');
    });
  });
}
