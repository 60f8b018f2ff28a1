import { randomBytes } from 'node:crypto';
import type { LogRecord } from '@signalbox/signals/model/log-record';
import type { NumberDataPoint } from '@signalbox/signals/model/metric';
import type { Resource } from '@signalbox/signals/model/resource';
import type { Signal } from '@signalbox/signals/model/signal';
import type { Span } from '@signalbox/signals/model/span';
import { encodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { encodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';

/** Items of each signal in one request. */
export const ITEMS_PER_REQUEST = 10;
export const MARKED_METRIC = 'fault_load';

/** What was acknowledged, by the mark of each item: a span's name, a line, `<series>@<milliseconds>` of a point. */
export type Marks = Readonly<Record<Signal, Set<string>>>;

export function noMarks(): Marks {
  return { traces: new Set(), logs: new Set(), metrics: new Set() };
}

const none = { droppedAttributesCount: 0 } as const;

/** One client: it sends a request of each signal after the other and notes what was acknowledged. What fails is not sent again. */
export class MarkedClient {
  readonly #id = randomBytes(6).toString('hex');
  readonly #resource: Resource;
  #rounds = 0;
  #lastMs = 0;
  failures = 0;

  constructor(private readonly http: string, private readonly marks: Marks, service = 'fault-load', private readonly signals: readonly Signal[] = ['traces', 'logs', 'metrics']) {
    this.#resource = { attributes: [{ key: 'service.name', value: service }], ...none };
  }

  /** Times that the client gives rise with every round, as Prometheus wants them of a series. */
  async round(timeMs = Date.now()): Promise<void> {
    const round = ++this.#rounds;
    this.#lastMs = Math.max(timeMs, this.#lastMs + 1);
    const marks = Array.from({ length: ITEMS_PER_REQUEST }, (_, i) => `${this.#id}-${round}-${i}`);
    const points = Array.from({ length: ITEMS_PER_REQUEST }, (_, i) => `${this.#id}-${i}`);
    await this.#send('traces', this.#spans(marks), marks);
    await this.#send('logs', this.#lines(marks), marks);
    await this.#send('metrics', this.#points(points), points.map((series) => `${series}@${this.#lastMs}`));
  }

  async #send(signal: Signal, body: Uint8Array, marks: readonly string[]): Promise<void> {
    if (!this.signals.includes(signal)) return;
    try {
      const response = await fetch(`${this.http}/v1/${signal}`, { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body: body as Uint8Array<ArrayBuffer>, signal: AbortSignal.timeout(60_000) });
      const answer = await response.arrayBuffer();
      if (response.ok && answer.byteLength > 0) throw new RangeError('partial success, which nothing here can cause');
      if (!response.ok) return void this.failures++;
      for (const mark of marks) this.marks[signal].add(mark);
    } catch (error) {
      if (error instanceof RangeError) throw error;
      this.failures++;
      // Nothing listens while a role starts again; a person's client would wait too.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  #spans(marks: readonly string[]): Uint8Array {
    const traceId = randomBytes(16).toString('hex');
    const spans = marks.map((name): Span => ({
      traceId, spanId: randomBytes(8).toString('hex'), parentSpanId: '', traceState: '', flags: 0, name, kind: 1, startNs: this.#timeNs, endNs: this.#timeNs + 1_000_000n,
      attributes: [], ...none, events: [], droppedEventsCount: 0, links: [], droppedLinksCount: 0, status: { code: 0, message: '' },
    }));
    return encodeTraces({ resourceSpans: [{ resource: this.#resource, schemaUrl: '', scopeSpans: [{ scope: null, schemaUrl: '', spans }] }] });
  }

  #lines(marks: readonly string[]): Uint8Array {
    const logRecords = marks.map((body): LogRecord => ({ timeNs: this.#timeNs, observedTimeNs: this.#timeNs, severityNumber: 9, severityText: 'INFO', body, attributes: [], ...none, flags: 0, traceId: '', spanId: '', eventName: '' }));
    return encodeLogs({ resourceLogs: [{ resource: this.#resource, schemaUrl: '', scopeLogs: [{ scope: null, schemaUrl: '', logRecords }] }] });
  }

  #points(series: readonly string[]): Uint8Array {
    const dataPoints = series.map((value): NumberDataPoint => ({ attributes: [{ key: 'series', value }], startNs: 0n, timeNs: this.#timeNs, flags: 0, value: this.#lastMs, exemplars: [] }));
    const metrics = [{ name: MARKED_METRIC, description: '', unit: '', metadata: [], values: { type: 'gauge' as const, dataPoints } }];
    return encodeMetrics({ resourceMetrics: [{ resource: this.#resource, schemaUrl: '', scopeMetrics: [{ scope: null, schemaUrl: '', metrics }] }] });
  }

  get #timeNs(): bigint {
    return BigInt(this.#lastMs) * 1_000_000n;
  }
}

/** Clients that send without pause until they are stopped. */
export function startMarkedLoad(http: string, marks: Marks, clients: number): { stop(): Promise<void> } {
  let stopping = false;
  const client = async (): Promise<void> => {
    const one = new MarkedClient(http, marks);
    while (!stopping) {
      await one.round();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const running = Promise.all(Array.from({ length: clients }, client));
  return {
    async stop() {
      stopping = true;
      await running;
    },
  };
}
