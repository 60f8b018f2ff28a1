import type { GrpcCall } from './call.js';
import type { GrpcMethod } from './method.js';
import { Refusal } from '../../requests/refusal.js';
import { GrpcCode } from '../../requests/grpc-code.js';

/** HealthCheckResponse.ServingStatus (grpc/grpc, health.proto). */
const SERVING = 1;
const NOT_SERVING = 2;
const SERVICE_UNKNOWN = 3;
const MAX_WATCHERS = 1000;

/** grpc.health.v1.Health: Check and Watch, for the server as a whole ('') and for each of its services. No token is asked. */
export class GrpcHealth {
  readonly #services: ReadonlySet<string>;
  readonly #watchers = new Set<GrpcCall>();
  #serving = true;

  constructor(services: readonly string[]) {
    this.#services = new Set(['', 'grpc.health.v1.Health', ...services]);
  }

  methods(): readonly (readonly [path: string, method: GrpcMethod])[] {
    const open = { maxMessageBytes: 4096, authorize: () => '' };
    return [
      ['/grpc.health.v1.Health/Check', { ...open, handle: (call, message) => call.reply(this.#check(message)) }],
      ['/grpc.health.v1.Health/Watch', { ...open, handle: (call, message) => this.#watch(call, message) }],
    ];
  }

  /** Tells those who watch, and ends their calls. */
  shutdown(): void {
    this.#serving = false;
    for (const call of this.#watchers) {
      call.write(response(NOT_SERVING));
      call.end();
    }
    this.#watchers.clear();
  }

  #check(message: Buffer): Uint8Array {
    const service = serviceName(message);
    if (!this.#services.has(service)) throw new Refusal('unsupported', GrpcCode.NOT_FOUND, 404, `no service '${service.slice(0, 100)}' here`);
    return response(this.#serving ? SERVING : NOT_SERVING);
  }

  #watch(call: GrpcCall, message: Buffer): void {
    const known = this.#services.has(serviceName(message));
    if (this.#watchers.size >= MAX_WATCHERS) throw new Refusal('full', GrpcCode.RESOURCE_EXHAUSTED, 429, `${MAX_WATCHERS} calls watch already`);
    call.open();
    call.write(response(known ? (this.#serving ? SERVING : NOT_SERVING) : SERVICE_UNKNOWN));
    if (!this.#serving) {
      call.end();
      return;
    }
    this.#watchers.add(call);
    call.stream.once('close', () => this.#watchers.delete(call));
  }
}

/** HealthCheckRequest { string service = 1; } */
function serviceName(message: Buffer): string {
  if (message.length === 0) return '';
  const length = message[1];
  if (message[0] !== 0x0a || length === undefined || length > 127 || message.length < 2 + length) return '?';
  return message.toString('utf8', 2, 2 + length);
}

/** HealthCheckResponse { ServingStatus status = 1; } */
function response(status: number): Uint8Array {
  return Uint8Array.of(0x08, status);
}
