import assert from 'node:assert/strict';
import { Application, buildAgent } from './application.test.js';
import { plain, TestCollector } from './collector.test.js';

const QUICK = { OTEL_BSP_SCHEDULE_DELAY: '20', OTEL_BLRP_SCHEDULE_DELAY: '20', OTEL_METRIC_EXPORT_INTERVAL: '200' };

/** Variables of the specification that the SDK or the exporters read: that they hold here as well. */
describe('variables of the specification', function () {
  this.timeout(180_000);
  let collector: TestCollector;
  let application: Application | undefined;
  const authorizations = new Set<string | undefined>();
  before(() => buildAgent());
  beforeEach(async () => {
    authorizations.clear();
    collector = await new TestCollector({ auth: { write: (authorization) => (authorizations.add(authorization), { tenant: 'default' }) } }).start();
  });
  afterEach(async () => {
    await application?.stop('SIGKILL');
    await collector.close();
  });

  const ask = async (fixture: string, environment: Record<string, string>): Promise<void> => {
    application = new Application(fixture, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.grpcUrl, ...QUICK, ...environment });
    await (await fetch((await application.ready()).url)).text();
  };

  it('limit spans, events and links', async () => {
    await ask('limits.mjs', {
      OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '2', OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '4', OTEL_SPAN_EVENT_COUNT_LIMIT: '2', OTEL_SPAN_LINK_COUNT_LIMIT: '1',
      OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: '1', OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: '2',
    });
    const span = await collector.until((it) => it.spans().find(({ name }) => name === 'crowded'));
    assert.deepEqual(span.fields, { a: 'abcd', b: 'abcd' });
    assert.equal(span.droppedAttributesCount, 1);
    assert.equal(span.events.length, 2);
    assert.equal(span.droppedEventsCount, 1);
    assert.equal(span.events[0]?.attributes.length, 1);
    assert.equal(span.links.length, 1);
    assert.equal(span.links[0]?.attributes.length, 2);
  });

  it('limit log records', async () => {
    await ask('winston.mjs', { OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: '1', OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: '3' });
    const record = await collector.until((it) => it.logs().find(({ body }) => body === 'with metadata'));
    assert.deepEqual(record.fields, { component: 'sho' });
    assert.ok(record.droppedAttributesCount > 0);
  });

  it('name the resource, OTEL_SERVICE_NAME before service.name', async () => {
    await ask('plain.mjs', { OTEL_SERVICE_NAME: 'shop', OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,service.version=9,deployment.environment.name=a%20b' });
    const span = await collector.until((it) => it.spans()[0]);
    const resource = plain(span.resource?.attributes ?? []);
    assert.deepEqual([resource['service.name'], resource['service.version'], resource['deployment.environment.name']], ['shop', '9', 'a b']);
  });

  it('give headers, and compress', async () => {
    await ask('plain.mjs', { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20b3du', OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' });
    await collector.until((it) => it.spans()[0]);
    assert.deepEqual([...authorizations], ['Basic b3du']);
  });

  it('turn exemplars off', async () => {
    for (const [filter, expected] of [['trace_based', 1], ['always_off', 0]] as const) {
      await ask('http.mjs', { OTEL_METRICS_EXEMPLAR_FILTER: filter, OTEL_SERVICE_NAME: filter });
      const metric = await collector.until((it) => it.metrics().find(({ name, resource }) => name === 'http.server.request.duration' && plain(resource?.attributes ?? [])['service.name'] === filter));
      assert.ok(metric.values.type === 'histogram');
      assert.equal(metric.values.dataPoints[0]?.exemplars.length, expected);
      await application?.stop('SIGKILL');
    }
  });

  it('that are not read are named', async () => {
    await ask('plain.mjs', { OTEL_CONFIG_FILE: 'otel.yaml', OTEL_METRICS_EXEMPLAR_FILTER: 'always_on' });
    const { stderr } = (await application?.end()) ?? { stderr: '' };
    assert.match(stderr, /OTEL_CONFIG_FILE is not read/);
    assert.match(stderr, /OTEL_METRICS_EXEMPLAR_FILTER is "always_on"/);
  });
});
