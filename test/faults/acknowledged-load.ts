import { randomBytes } from 'node:crypto';
import type { Span } from '@signalbox/signals/model/span';
import { encodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';

export const SPANS_PER_TRACE = 10;
export const LOAD_SERVICE = 'fault-load';

/** A trace and a log line that carry the same id, sent by a client of their own. */
export interface AcknowledgedLoad {
  /** Ids of traces whose spans were acknowledged. */
  readonly traces: readonly string[];
  /** Ids of traces whose log line was acknowledged. */
  readonly logs: readonly string[];
  readonly failures: number;
  stop(): Promise<void>;
}

const none = { droppedAttributesCount: 0 } as const;
const resource = { attributes: [{ key: 'service.name', value: LOAD_SERVICE }], ...none };

/** Some clients that send without pause, and remember exactly what was acknowledged. What fails is not sent again. */
export function startAcknowledgedLoad(http: string, clients: number): AcknowledgedLoad {
  const traces: string[] = [];
  const logs: string[] = [];
  let failures = 0;
  let stopping = false;
  const client = async (): Promise<void> => {
    while (!stopping) {
      const traceId = randomBytes(16).toString('hex');
      const nowNs = BigInt(Date.now()) * 1_000_000n;
      if (await post(`${http}/v1/traces`, spansOf(traceId, nowNs))) traces.push(traceId);
      else failures++;
      if (await post(`${http}/v1/logs`, lineOf(traceId, nowNs))) logs.push(traceId);
      else failures++;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const running = Promise.all(Array.from({ length: clients }, client));
  return {
    traces, logs,
    get failures() { return failures; },
    async stop() {
      stopping = true;
      await running;
    },
  };
}

async function post(url: string, body: Uint8Array): Promise<boolean> {
  try {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body: body as Uint8Array<ArrayBuffer>, signal: AbortSignal.timeout(60_000) });
    const answer = await response.arrayBuffer();
    // An answer that is not empty is a partial success, which nothing here can cause.
    if (response.ok && answer.byteLength > 0) throw new RangeError('partial success');
    return response.ok;
  } catch (error) {
    if (error instanceof RangeError) throw error;
    // Nothing listens while the role starts again; a person's client would wait too.
    await new Promise((resolve) => setTimeout(resolve, 20));
    return false;
  }
}

function spansOf(traceId: string, nowNs: bigint): Uint8Array {
  const root = randomBytes(8).toString('hex');
  const spans = Array.from({ length: SPANS_PER_TRACE }, (_, i): Span => ({
    traceId, spanId: i === 0 ? root : randomBytes(8).toString('hex'), parentSpanId: i === 0 ? '' : root, traceState: '', flags: 0, name: `step ${i}`, kind: 1,
    startNs: nowNs, endNs: nowNs + 1_000_000n, attributes: [{ key: 'step', value: BigInt(i) }], ...none, events: [], droppedEventsCount: 0, links: [], droppedLinksCount: 0, status: { code: 0, message: '' },
  }));
  return encodeTraces({ resourceSpans: [{ resource, schemaUrl: '', scopeSpans: [{ scope: null, schemaUrl: '', spans }] }] });
}

function lineOf(traceId: string, nowNs: bigint): Uint8Array {
  return encodeLogs({ resourceLogs: [{ resource, schemaUrl: '', scopeLogs: [{ scope: null, schemaUrl: '', logRecords: [{
    timeNs: nowNs, observedTimeNs: nowNs, severityNumber: 9, severityText: 'INFO', body: `line of ${traceId}`, attributes: [], ...none, flags: 0, traceId, spanId: '', eventName: '',
  }] }] }] });
}
