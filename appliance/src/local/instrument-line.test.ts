import assert from 'node:assert/strict';
import { instrumentLine } from './instrument-line.js';

const grpc = (address: string, tls = false) => ({ protocol: 'otlp/grpc', address, tls });
const http = (address: string) => ({ protocol: 'otlp/http', address });

describe('the line that instruments an application', () => {
  for (const [what, endpoints, begins] of [
    ['says no address where the agent knows it', [grpc('127.0.0.1:4317'), http('127.0.0.1:4318')], /^node --import \S+ app\.js$/],
    ['names another port', [grpc('127.0.0.1:5317'), http('127.0.0.1:5318')], /^OTEL_EXPORTER_OTLP_ENDPOINT=http:\/\/127\.0\.0\.1:5317 node --import /],
    ['reaches all addresses by loopback', [grpc('0.0.0.0:4317')], /^node --import /],
    ['speaks TLS where it is spoken', [grpc('127.0.0.1:4317', true)], /^OTEL_EXPORTER_OTLP_ENDPOINT=https:\/\/127\.0\.0\.1:4317 /],
    ['names the protocol where there is HTTP alone', [http('127.0.0.1:4318')], /^OTEL_EXPORTER_OTLP_ENDPOINT=http:\/\/127\.0\.0\.1:4318 OTEL_EXPORTER_OTLP_PROTOCOL=http\/protobuf /],
    ['says no address where nothing receives OTLP', [], /^node --import /],
  ] as const) {
    it(what, () => { assert.match(instrumentLine(endpoints), begins); });
  }
});
