import { SIGNALS, type Signal } from '@signalbox/signals/model/signal';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { encodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { encodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import { tracesToJson } from '@signalbox/signals/otlp/json/traces';
import { logsToJson } from '@signalbox/signals/otlp/json/logs';
import { metricsToJson } from '@signalbox/signals/otlp/json/metrics';
import type { Caller } from '../probe/caller.js';
import { authorization } from '../probe/endpoints.js';
import { EXPORT_METHOD, grpcCall } from '../probe/grpc-call.js';
import type { Marked } from './marked.js';

/** A way for data to come in. `send` throws an Error that says what the server answered. */
export interface WayIn {
  readonly name: string;
  /** What it takes. */
  readonly signals: readonly Signal[];
  /** Type of the receivers that may be behind it. */
  readonly kind?: string;
  /** Id of the receiver, where it is known. */
  readonly receiver?: string;
  /** False: it writes for another tenant than the one that the APIs are asked for. */
  readonly ownTenant?: boolean;
  /** True: nothing there sets the trace id of what it brings, so that it is to be found by its text alone. */
  readonly untraced?: boolean;
  /** It acknowledges nothing, and may drop what it was sent without a word; what there is to know about that. */
  readonly silence?: string;
  send(marked: Marked, signal: Signal, options: SendOptions): Promise<void>;
  /** After all was looked for. */
  done?(): Promise<void>;
}

export interface SendOptions {
  readonly token: string | null;
  readonly timeoutMs: number;
  readonly caller: Caller;
}

const HTTP_PATH = { traces: '/v1/traces', logs: '/v1/logs', metrics: '/v1/metrics' } as const;

function protobufOf(marked: Marked, signal: Signal): Uint8Array {
  if (signal === 'traces') return encodeTraces(marked.traces);
  return signal === 'logs' ? encodeLogs(marked.logs) : encodeMetrics(marked.metrics);
}

function jsonOf(marked: Marked, signal: Signal): unknown {
  if (signal === 'traces') return tracesToJson(marked.traces);
  return signal === 'logs' ? logsToJson(marked.logs) : metricsToJson(marked.metrics);
}

/** The ways in that an appliance with OTLP at these URLs has. */
export function waysIn(urls: { readonly grpc: string | null; readonly http: string | null }): WayIn[] {
  const ways: WayIn[] = [];
  if (urls.grpc !== null) ways.push(overGrpc(urls.grpc));
  if (urls.http !== null) {
    const url = urls.http;
    ways.push(overHttp('OTLP/HTTP protobuf', url, 'application/x-protobuf', (m, s) => protobufOf(m, s)));
    ways.push(overHttp('OTLP/HTTP JSON', url, 'application/json', (m, s) => Buffer.from(JSON.stringify(jsonOf(m, s)))));
  }
  return ways;
}

function overGrpc(url: string): WayIn {
  return {
    name: 'OTLP/gRPC',
    kind: 'otlp',
    signals: SIGNALS,
    async send(marked, signal, { token, timeoutMs, caller }) {
      const answer = await grpcCall({ url, method: EXPORT_METHOD[signal], message: protobufOf(marked, signal), token, timeoutMs, tls: caller.tls });
      if (answer.kind !== 'answered') throw new Error(`${url}: ${answer.detail}`);
      if (answer.status !== 0) throw new Error(`${url} answered gRPC status ${answer.status}: ${answer.message}`);
    },
  };
}

function overHttp(name: string, url: string, contentType: string, body: (marked: Marked, signal: Signal) => Uint8Array): WayIn {
  return {
    name,
    kind: 'otlp',
    signals: SIGNALS,
    async send(marked, signal, { token, timeoutMs, caller }) {
      const response = await caller.fetch(url + HTTP_PATH[signal], {
        method: 'POST', headers: { 'content-type': contentType, ...authorization(token) }, body: body(marked, signal) as Uint8Array<ArrayBuffer>, signal: AbortSignal.timeout(timeoutMs),
      });
      if (!response.ok) throw new Error(`${url}${HTTP_PATH[signal]} answered HTTP ${response.status}: ${(await response.text()).slice(0, 300)}`);
    },
  };
}

