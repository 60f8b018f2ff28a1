import { randomInt } from 'node:crypto';

/**
 * A tenant's trace id that is looked for: read once from where it lies, then asked for in one `TraceIndex` after the other, without a
 * string or an object for each.
 */
export class TraceKey {
  /** Drawn anew for each, so that nobody can send ids that all come to one place. */
  readonly #seed = randomInt(2 ** 31);
  readonly #tenants: string[] = [];
  readonly #numbers = new Map<string, number>();
  #name: string | null = null;
  /** Number of the tenant, and the id in four parts. */
  tenant = 0;
  a = 0;
  b = 0;
  c = 0;
  d = 0;
  hash = 0;

  /** The id's 16 bytes begin at `at`. */
  read(tenant: string, bytes: Uint8Array, at: number): this {
    if (tenant !== this.#name) this.#enter(tenant);
    this.a = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    this.b = bytes[at + 4] | (bytes[at + 5] << 8) | (bytes[at + 6] << 16) | (bytes[at + 7] << 24);
    this.c = bytes[at + 8] | (bytes[at + 9] << 8) | (bytes[at + 10] << 16) | (bytes[at + 11] << 24);
    this.d = bytes[at + 12] | (bytes[at + 13] << 8) | (bytes[at + 14] << 16) | (bytes[at + 15] << 24);
    this.hash = mixed(mixed(mixed(mixed(mixed(this.#seed, this.tenant), this.a), this.b), this.c), this.d);
    return this;
  }

  /** The same as another time, by what it was then. */
  set(tenant: number, a: number, b: number, c: number, d: number, hash: number): void {
    this.#name = null;
    this.tenant = tenant;
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
    this.hash = hash;
  }

  /** By the number that `tenant` had. */
  tenantName(number: number): string {
    return this.#tenants[number] ?? '';
  }

  #enter(tenant: string): void {
    let number = this.#numbers.get(tenant);
    if (number === undefined) {
      number = this.#tenants.push(tenant) - 1;
      this.#numbers.set(tenant, number);
    }
    this.#name = tenant;
    this.tenant = number;
  }
}

function mixed(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x9e3779b1);
  return product ^ (product >>> 15);
}
