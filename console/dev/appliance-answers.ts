/** What the appliance says of itself, as its API shapes it. */
export function statusAnswer(nowMs: number): object {
  const ago = (ms: number): string => new Date(nowMs - ms).toISOString();
  return {
    version: '0.1.0', node: 'v20.19.5', dataDirectory: '/home/shop/signalbox-data', startedAt: ago(5_400_000), now: ago(0),
    roles: [
      { name: 'receive', state: 'running', pid: 4101, restarts: 0, since: ago(5_399_000), lastFailure: null },
      { name: 'deliver', state: 'running', pid: 4377, restarts: 1, since: ago(640_000), lastFailure: 'ended with signal SIGKILL' },
      { name: 'serve', state: 'running', pid: 4103, restarts: 0, since: ago(5_399_000), lastFailure: null },
    ],
    listeners: [
      { name: 'otlp/grpc', address: '127.0.0.1:4317', what: 'OTLP over gRPC' }, { name: 'otlp/http', address: '127.0.0.1:4318', what: 'OTLP over HTTP' },
      { name: 'http', address: '127.0.0.1:4319', what: 'console, query APIs, health' },
    ],
    instrument: 'node --import /home/shop/signalbox/agents/node/dist/register.js app.js',
    journal: { durable: 884_736_211, reached: 884_736_211, behindBytes: 0 },
  };
}

export function ledgerAnswer(nowMs: number): object {
  const row = (reader: string, signal: string, accepted: number, queued: number, dropped: Readonly<Record<string, number>>, more: object = {}): object => ({
    reader, tenant: 'default', signal, accepted, delivered: accepted - queued - Object.values(dropped).reduce((sum, count) => sum + count, 0), queued, dropped,
    redelivered: 0, outcomeUnknown: 0, lagBytes: queued * 410, oldestQueuedNs: queued === 0 ? null : `${nowMs - 94_000}000000`, balanced: true, ...more,
  });
  return {
    rows: [
      row('store', 'traces', 1_284_410, 0, {}), row('store', 'logs', 402_118, 0, {}), row('store', 'metrics', 88_420, 0, {}),
      row('metrics→prometheusremotewrite', 'metrics', 88_420, 0, { out_of_order: 12 }, { redelivered: 500 }),
      row('logs→loki', 'logs', 402_118, 18_240, { line_too_long: 3 }, { redelivered: 1_000, outcomeUnknown: 500 }),
      row('traces→elasticsearch', 'traces', 1_284_410, 0, { mapping_conflict: 41 }),
    ],
  };
}
