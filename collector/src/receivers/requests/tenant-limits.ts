import { z } from 'zod';
import type { ReceiverContext } from '../../component.js';
import { byteSizeOrOff } from '../../config/bytes.js';
import { countOrOff } from '../../config/count.js';
import { duration } from '../../config/duration.js';
import { GrpcCode } from './grpc-code.js';
import { Refusal } from './refusal.js';
import { TokenBucket } from './token-bucket.js';

const limits = {
  items_per_second: countOrOff().default(null).describe('Spans, log records and data points of one tenant a second.'),
  bytes_per_second: byteSizeOrOff({ min: 1 }).default(null).describe('Bytes of one tenant a second, decompressed.'),
  max_in_flight_requests: countOrOff().default(null).describe('Requests of one tenant at once.'),
  max_in_flight_bytes: byteSizeOrOff({ min: 1 }).default(null).describe('Bytes that the requests of one tenant take of memory at once (of `receive.max_in_flight_bytes`).'),
} as const;
const { items_per_second, bytes_per_second, max_in_flight_requests, max_in_flight_bytes } = limits;

export const tenantLimitsSchema = z.strictObject({
  ...limits,
  burst: duration({ minMs: 1 }).default(5000).describe('What may come in so much time at the rates above may also come at once.'),
  overrides: z
    .record(z.string().min(1), z.strictObject({ items_per_second: items_per_second.unwrap().optional(), bytes_per_second: bytes_per_second.unwrap().optional(), max_in_flight_requests: max_in_flight_requests.unwrap().optional(), max_in_flight_bytes: max_in_flight_bytes.unwrap().optional() }))
    .default({})
    .describe('Other limits, by tenant: `{ team-a: { items_per_second: 50000 } }`.'),
});

export type TenantLimitsConfig = z.output<typeof tenantLimitsSchema>;
type Limits = Pick<TenantLimitsConfig, keyof typeof limits>;
type LimitName = keyof Limits;

/** Tenants that are kept count of; where tokens are not demanded, a sender may name any. */
const MAX_TENANTS = 10_000;
/** Looked through for one that can be forgotten. */
const MAX_LOOKED_AT = 100;

export interface TenantLimitsContext {
  readonly monotonicMs: () => number;
  /** What to tell a sender whose other requests must end first. */
  readonly retryAfterMs: number;
  /** A request of the tenant was refused. */
  readonly limited: (tenant: string, limit: LimitName) => void;
}

/** What each tenant may send, all transports of a receiver together. */
export class TenantLimits {
  readonly #config: TenantLimitsConfig;
  readonly #context: TenantLimitsContext;
  readonly #shares = new Map<string, TenantShare>();
  readonly #unlimited: boolean;

  constructor(config: TenantLimitsConfig, context: TenantLimitsContext) {
    this.#config = config;
    this.#context = context;
    this.#unlimited = isUnlimited(config);
  }

  /** Where a request begins, before its body is read; it ends with leave(). Null: nothing is limited. @throws Refusal */
  enter(tenant: string): TenantShare | null {
    const known = this.#shares.get(tenant);
    const own = this.#config.overrides[tenant];
    if (known === undefined && own === undefined && this.#unlimited) return null;
    const share = known ?? this.#add(tenant, { ...this.#config, ...own });
    share.enter();
    return share;
  }

  #add(tenant: string, own: Limits): TenantShare {
    if (this.#shares.size >= MAX_TENANTS) this.#forgetOne();
    const share = new TenantShare(tenant, own, this.#config.burst, this.#context);
    this.#shares.set(tenant, share);
    return share;
  }

  #forgetOne(): void {
    let looked = 0;
    for (const [tenant, share] of this.#shares) {
      if (share.isIdle) {
        this.#shares.delete(tenant);
        return;
      }
      if (++looked === MAX_LOOKED_AT) return;
    }
  }
}

/** The limits of a receiver, which counts whom they hold. */
export function limitsOf(config: TenantLimitsConfig, { id, clock, intake, metrics }: Pick<ReceiverContext, 'id' | 'clock' | 'intake' | 'metrics'>): TenantLimits {
  return new TenantLimits(config, {
    monotonicMs: () => clock.monotonicMs(),
    retryAfterMs: intake.retryAfterMs,
    limited: (tenant, limit) => metrics.count('signalbox_receiver_tenant_limited_requests', { receiver: id, tenant, limit }, 1),
  });
}

/** What one tenant has sent lately, and has in flight. */
export class TenantShare {
  readonly #tenant: string;
  readonly #limits: Limits;
  readonly #context: TenantLimitsContext;
  readonly #items: TokenBucket | null;
  readonly #bytes: TokenBucket | null;
  #requests = 0;
  #inFlightBytes = 0;

  constructor(tenant: string, own: Limits, burstMs: number, context: TenantLimitsContext) {
    this.#tenant = tenant;
    this.#limits = own;
    this.#context = context;
    const bucket = (perSecond: number | null): TokenBucket | null => (perSecond === null ? null : new TokenBucket(perSecond, burstMs, context.monotonicMs()));
    this.#items = bucket(own.items_per_second);
    this.#bytes = bucket(own.bytes_per_second);
  }

  get isIdle(): boolean {
    return this.#requests === 0;
  }

  /** @throws Refusal */
  enter(): void {
    const { max_in_flight_requests: max } = this.#limits;
    if (max !== null && this.#requests >= max) this.#refuse('max_in_flight_requests', `has ${max} requests in flight`, this.#context.retryAfterMs);
    this.#checkRates();
    this.#requests++;
  }

  leave(): void {
    this.#requests--;
  }

  /** Memory for a request. A single request may take more than the limit, while it is alone. @throws Refusal */
  take(bytes: number): void {
    const { max_in_flight_bytes: max } = this.#limits;
    if (max !== null && this.#requests > 1 && this.#inFlightBytes + bytes > max) this.#refuse('max_in_flight_bytes', `has ${this.#inFlightBytes} bytes in flight, and this request needs ${bytes} more of the ${max} that it may have`, this.#context.retryAfterMs);
    this.#inFlightBytes += bytes;
  }

  give(bytes: number): void {
    this.#inFlightBytes -= bytes;
  }

  /** Before a request's items are kept. @throws Refusal */
  charge(items: number, bytes: number): void {
    this.#checkRates();
    this.#items?.take(items);
    this.#bytes?.take(bytes);
  }

  /** They were not kept. */
  refund(items: number, bytes: number): void {
    this.#items?.take(-items);
    this.#bytes?.take(-bytes);
  }

  #checkRates(): void {
    if (this.#items === null && this.#bytes === null) return;
    const nowMs = this.#context.monotonicMs();
    const itemsMs = this.#items?.waitMs(nowMs) ?? 0;
    const bytesMs = this.#bytes?.waitMs(nowMs) ?? 0;
    if (itemsMs === 0 && bytesMs === 0) return;
    const { items_per_second: items, bytes_per_second: bytes } = this.#limits;
    if (itemsMs >= bytesMs) this.#refuse('items_per_second', `sends more than ${items} items a second`, itemsMs);
    else this.#refuse('bytes_per_second', `sends more than ${bytes} bytes a second`, bytesMs);
  }

  #refuse(limit: LimitName, what: string, retryAfterMs: number): never {
    this.#context.limited(this.#tenant, limit);
    const waitMs = Math.ceil(retryAfterMs);
    throw new Refusal('tenant_limit', GrpcCode.RESOURCE_EXHAUSTED, 429, `the tenant '${this.#tenant.slice(0, 100)}' ${what}; try again in ${Math.ceil(waitMs / 1000)} s (setting: tenant_limits.${limit} of the receiver) [SBX_RECEIVER_TENANT_LIMIT]`, waitMs);
  }
}

function isUnlimited({ items_per_second: items, bytes_per_second: bytes, max_in_flight_requests: requests, max_in_flight_bytes: inFlight }: Limits): boolean {
  return items === null && bytes === null && requests === null && inFlight === null;
}
