import type { LogRecord } from '@signalbox/signals/model/log-record';
import { encodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { Random } from './random.js';

const LINES = ['checkout done for customer ######', 'stock of article ###### is low: ordering more', 'payment ###### declined by the provider: insufficient funds', 'GET /api/v1/orders/###### took longer than the limit'];
const SEVERITIES = [[9, 'INFO'], [9, 'INFO'], [9, 'INFO'], [13, 'WARN'], [17, 'ERROR']] as const;
const TIME_MARK = 0xa5a5a5a5a5a5a5a5n;

/** An ExportLogsServiceRequest encoded once; times and numbers are overwritten before each send. */
export class LogTemplate {
  private constructor(readonly bytes: Buffer, readonly times: readonly number[], readonly numbers: readonly number[]) {}

  static make(records: number, service: string, seed: number): LogTemplate {
    const random = new Random(seed);
    const bytes = Buffer.from(encodeLogs({
      resourceLogs: [{
        resource: { attributes: [{ key: 'service.name', value: service }, { key: 'service.version', value: '1.48.3' }, { key: 'host.name', value: `node-${random.below(40)}.internal` }], droppedAttributesCount: 0 },
        schemaUrl: '', scopeLogs: [{ scope: { name: 'winston', version: '3.19.0', attributes: [], droppedAttributesCount: 0 }, schemaUrl: '', logRecords: Array.from({ length: records }, () => record(random)) }],
      }],
    }));
    return new LogTemplate(bytes, everyPlace(bytes, Buffer.alloc(8, 0xa5)), everyPlace(bytes, Buffer.from('######')));
  }

  /** The same for another sender, with bytes of its own. */
  clone(): LogTemplate {
    return new LogTemplate(Buffer.from(this.bytes), this.times, this.numbers);
  }

  patch(random: Random, timeNs: bigint): void {
    for (const at of this.times) this.bytes.writeBigUInt64LE(timeNs, at);
    for (const at of this.numbers) {
      let digits = random.below(1_000_000);
      for (let k = 5; k >= 0; k--) {
        this.bytes[at + k] = 48 + (digits % 10);
        digits = (digits / 10) | 0;
      }
    }
  }
}

function record(random: Random): LogRecord {
  const [severityNumber, severityText] = random.pick(SEVERITIES);
  return {
    timeNs: TIME_MARK, observedTimeNs: TIME_MARK, severityNumber, severityText, body: random.pick(LINES),
    attributes: [{ key: 'logger', value: 'shop' }, { key: 'customer.tier', value: random.pick(['free', 'gold', 'silver']) }, { key: 'attempt', value: BigInt(random.below(3)) }],
    droppedAttributesCount: 0, flags: 1, traceId: hex(random, 4), spanId: hex(random, 2), eventName: '',
  };
}

function hex(random: Random, words: number): string {
  return Array.from({ length: words }, () => (random.next() | 1) >>> 0).map((w) => w.toString(16).padStart(8, '0')).join('');
}

function everyPlace(bytes: Buffer, mark: Buffer): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + mark.length)) places.push(at);
  return places;
}
