import type { Signal } from '@signalbox/signals/model/signal';
import { OtlpError } from '@signalbox/signals/otlp/error';
import { logsFromJson } from '@signalbox/signals/otlp/json/logs';
import { metricsFromJson } from '@signalbox/signals/otlp/json/metrics';
import { tracesFromJson } from '@signalbox/signals/otlp/json/traces';
import { encodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { encodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';

const TO_PROTOBUF: Readonly<Record<Signal, (value: unknown) => Uint8Array>> = {
  traces: (value) => encodeTraces(tracesFromJson(value)),
  logs: (value) => encodeLogs(logsFromJson(value)),
  metrics: (value) => encodeMetrics(metricsFromJson(value)),
};

/** An integer too long for a float of JavaScript to hold, outside of strings. */
const LONG_INTEGER = /("(?:[^"\\]|\\.)*")|(-?\d{16,})(?![\d.eE])/g;
const MAYBE_LONG_INTEGER = /[:[,\s]-?\d{16}/;

/**
 * An OTLP request in JSON as the same in protobuf, which is what the journal keeps.
 * @throws OtlpError that names the place
 */
export function jsonToProtobuf(signal: Signal, body: Buffer): Uint8Array {
  return TO_PROTOBUF[signal](parseJson(body));
}

function parseJson(body: Buffer): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw OtlpError.atPath('the body is not valid UTF-8', '$');
  }
  try {
    return JSON.parse(MAYBE_LONG_INTEGER.test(text) ? quoteLongIntegers(text) : text);
  } catch (error) {
    throw OtlpError.atPath(`the body is not valid JSON: ${error instanceof Error ? error.message.slice(0, 200) : 'unreadable'}`, '$');
  }
}

/** 64-bit integers may stand as numbers or as strings (protobuf's JSON mapping); as strings they keep all their digits. */
function quoteLongIntegers(text: string): string {
  return text.replace(LONG_INTEGER, (whole, _string: string | undefined, integer: string | undefined) => (integer === undefined ? whole : `"${integer}"`));
}
