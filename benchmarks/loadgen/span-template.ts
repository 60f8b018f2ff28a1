import type { KeyValue } from '@signalbox/signals/model/attributes';
import type { Span } from '@signalbox/signals/model/span';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { Random } from './random.js';

/** Size of each trace in a request. */
export const SPANS_PER_TRACE = 10;

const METHODS = ['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE'];
const PATHS = ['/api/v1/orders/######', '/api/v1/orders/######', '/api/v1/customers/######/cart', '/checkout/######', '/static/app-######.js', '/healthz?n=######'];
const ROUTES = ['/api/v1/orders', '/api/v1/orders/{id}', '/api/v1/customers/{id}/cart', '/checkout'];
const STATUSES = [200n, 200n, 200n, 200n, 201n, 204n, 304n, 400n, 404n, 500n];
const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64) Chrome/131.0.0.0 Safari/537.36', 'okhttp/4.12.0 (shop-android 7.4.1; build 20260714; Pixel 9a)',
  'python-requests/2.32.3 (inventory-sync; prod; eu-central-1a)', 'Go-http-client/2.0 (payments-gateway v1.48.3; linux; amd64) ',
];
const ZONES = ['eu-central-1a', 'eu-central-1b', 'us-east-1c'];

interface SpanOffsets {
  readonly traceId: number;
  readonly spanId: number;
  readonly parentSpanId: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly path: number;
  readonly port: number;
  readonly queueMs: number;
}

/**
 * An ExportTraceServiceRequest encoded once, in which ids, times and the values of high cardinality are overwritten before each
 * send: the sender costs next to nothing beside what it measures, and a store cannot profit from repetition.
 */
export class SpanTemplate {
  private constructor(readonly bytes: Buffer, readonly spans: readonly SpanOffsets[]) {}

  static make(count: number, service: string, seed: number): SpanTemplate {
    const random = new Random(seed);
    const bytes = Buffer.from(encodeTraces({
      resourceSpans: [{
        resource: { attributes: text([['service.name', service], ['service.version', '1.48.3'], ['service.instance.id', `${service}-${random.next().toString(16).padStart(8, '0')}`], ['host.name', `node-${random.below(40)}.internal`], ['telemetry.sdk.language', 'nodejs'], ['telemetry.sdk.name', 'opentelemetry']]), droppedAttributesCount: 0 },
        schemaUrl: '',
        scopeSpans: [{ scope: { name: '@opentelemetry/instrumentation-http', version: '0.203.0', attributes: [], droppedAttributesCount: 0 }, schemaUrl: '', spans: Array.from({ length: count }, (_, i) => span(i, random)) }],
      }],
    }));
    const spans: SpanOffsets[] = [];
    for (let i = 0; i < count; i++) spans.push(offsets(bytes, i, spans.at(-1)?.queueMs ?? 0));
    return new SpanTemplate(bytes, spans);
  }

  /** The same for another sender, with bytes of its own. */
  clone(): SpanTemplate {
    return new SpanTemplate(Buffer.from(this.bytes), this.spans);
  }

  /** Fresh ids, times that end at `endNs`, fresh values. */
  patch(random: Random, endNs: bigint): void {
    const b = this.bytes;
    const t = [0, 0, 0, 0];
    let rootHigh = 0;
    let rootLow = 0;
    for (let i = 0; i < this.spans.length; i++) {
      const o = this.spans[i]!;
      const high = random.next();
      const low = (random.next() | 1) >>> 0;
      if (i % SPANS_PER_TRACE === 0) {
        for (let k = 0; k < 4; k++) t[k] = random.next();
        rootHigh = high;
        rootLow = low;
      } else {
        b.writeUInt32BE(rootHigh, o.parentSpanId);
        b.writeUInt32BE(rootLow, o.parentSpanId + 4);
      }
      for (let k = 0; k < 4; k++) b.writeUInt32BE(t[k]!, o.traceId + 4 * k);
      b.writeUInt32BE(high, o.spanId);
      b.writeUInt32BE(low, o.spanId + 4);
      let digits = low % 1_000_000;
      for (let k = 5; k >= 0; k--) {
        b[o.path + k] = 48 + (digits % 10);
        digits = (digits / 10) | 0;
      }
      // A varint of three bytes: 16384 to 65535.
      const port = 16384 + (high % 49152);
      b[o.port] = (port & 127) | 128;
      b[o.port + 1] = ((port >> 7) & 127) | 128;
      b[o.port + 2] = port >> 14;
      b.writeDoubleLE((high % 20_000_000) / 1e6, o.queueMs);
      b.writeBigUInt64LE(endNs - BigInt(low % 200_000_000), o.startNs);
      b.writeBigUInt64LE(endNs, o.endNs);
    }
  }

  /** Hex id of the request's first trace, as last patched. */
  firstTraceId(): string {
    const at = this.spans[0]!.traceId;
    return this.bytes.toString('hex', at, at + 16);
  }
}

function text(pairs: readonly (readonly [string, string])[]): KeyValue[] {
  return pairs.map(([key, value]) => ({ key, value }));
}

/** Ids that are found again in the encoded bytes: the index of the span stands in them. */
const marker = (kind: number, i: number): string => `a5${kind.toString(16)}c` + i.toString(16).padStart(12, '0');

function span(i: number, random: Random): Span {
  const method = random.pick(METHODS);
  const status = random.pick(STATUSES);
  return {
    traceId: marker(1, i) + '5aa55aa55aa55aa5', spanId: marker(2, i), parentSpanId: i % SPANS_PER_TRACE === 0 ? '' : marker(3, i), traceState: '', flags: 0,
    name: `${method} ${random.pick(ROUTES)}`, kind: 2 + random.below(2), startNs: 0xa5a5a5a5a5a5a5a5n, endNs: 0x5a5a5a5a5a5a5a5an,
    attributes: [
      { key: 'http.request.method', value: method }, { key: 'url.path', value: random.pick(PATHS) }, { key: 'http.response.status_code', value: status },
      { key: 'server.address', value: `shop-${random.below(20)}.example.test` }, { key: 'user_agent.original', value: random.pick(AGENTS) },
      { key: 'network.peer.address', value: `10.${random.below(4)}.${random.below(256)}.${random.below(256)}` }, { key: 'network.peer.port', value: 20_000n },
      { key: 'cloud.availability_zone', value: random.pick(ZONES) }, { key: 'app.cache_hit', value: random.below(2) === 0 }, { key: 'app.queue_ms', value: 12.345 },
    ],
    droppedAttributesCount: 0, events: [], droppedEventsCount: 0, links: [], droppedLinksCount: 0, status: { code: status >= 500n ? 2 : 0, message: '' },
  };
}

function offsets(bytes: Buffer, i: number, from: number): SpanOffsets {
  const traceId = find(bytes, Buffer.from(marker(1, i), 'hex'), from);
  const after = (key: string): number => find(bytes, Buffer.from(key), traceId) + key.length;
  const startNs = find(bytes, Buffer.alloc(8, 0xa5), traceId);
  return {
    traceId,
    spanId: find(bytes, Buffer.from(marker(2, i), 'hex'), traceId),
    parentSpanId: i % SPANS_PER_TRACE === 0 ? -1 : find(bytes, Buffer.from(marker(3, i), 'hex'), traceId),
    startNs,
    endNs: find(bytes, Buffer.alloc(8, 0x5a), startNs),
    path: find(bytes, Buffer.from('######'), traceId),
    // Behind a key: the value's tag and length, then the tag of int_value or double_value.
    port: after('network.peer.port') + 3,
    queueMs: after('app.queue_ms') + 3,
  };
}

function find(bytes: Buffer, what: Buffer, from: number): number {
  const at = bytes.indexOf(what, from);
  if (at < 0) throw new Error('the template has no place to patch; the encoder has changed its layout');
  return at;
}
