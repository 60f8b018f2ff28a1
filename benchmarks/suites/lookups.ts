import { Random } from '../loadgen/random.js';

const LOOKUPS = 200;

export interface Lookups {
  readonly count: number;
  /** p99 in milliseconds. */
  readonly traceById: number;
  readonly serviceAndAttribute: number;
}

/** Looks traces up over Jaeger's HTTP API, one after another: by id, and the newest twenty of a service with an attribute. */
export async function timedLookups(base: string, traceIds: readonly string[], stored: number): Promise<Lookups> {
  const random = new Random(11);
  const byId: number[] = [];
  for (let i = 0; i < LOOKUPS; i++) {
    const id = random.pick(traceIds);
    const started = performance.now();
    const answer = (await (await fetch(`${base}/api/traces/${id}`)).json()) as { data: { spans: unknown[] }[] };
    byId.push(performance.now() - started);
    if (answer.data?.[0]?.spans.length !== 10) throw new Error(`trace ${id} has ${answer.data?.[0]?.spans.length} spans of 10, of ${stored} stored`);
  }
  const byAttribute: number[] = [];
  for (let i = 0; i < LOOKUPS; i++) {
    const tags = encodeURIComponent(JSON.stringify({ 'cloud.availability_zone': random.pick(['eu-central-1a', 'eu-central-1b', 'us-east-1c']), 'server.address': `shop-${random.below(20)}.example.test` }));
    const end = Date.now() * 1000;
    const started = performance.now();
    const answer = (await (await fetch(`${base}/api/traces?service=svc-${random.below(10)}&tags=${tags}&limit=20&start=${end - 3_600_000_000}&end=${end}`)).json()) as { data: unknown[] };
    byAttribute.push(performance.now() - started);
    if (answer.data.length === 0) throw new Error('a search that must find something found nothing');
  }
  return { count: LOOKUPS, traceById: p99(byId), serviceAndAttribute: p99(byAttribute) };
}

function p99(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length * 0.99)]!;
}
