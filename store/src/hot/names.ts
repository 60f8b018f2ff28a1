import { hashBytes } from '../index/hash.js';
import { Tags, type TagsJson } from './tags.js';

/**
 * Names that lists of services, operations and tags are made from: collected while rows come, kept beside each file, so
 * that no list needs a scan.
 */
export interface NamesJson {
  readonly tenants: Readonly<Record<string, TenantNamesJson>>;
}

export interface TenantNamesJson {
  /** By service: operations as [name, kind]. */
  readonly services: Readonly<Record<string, readonly (readonly [name: string, kind: number])[]>>;
  readonly tags: TagsJson;
  readonly resourceTags: TagsJson;
  /** Stream labels of logs, each as JSON. */
  readonly streams: readonly string[];
  /** Some names did not fit. */
  readonly truncated: boolean;
}

/** A tenant's names, whatever the tenant is called. */
export function namesOf(names: NamesJson, tenant: string): TenantNamesJson | undefined {
  return Object.hasOwn(names.tenants, tenant) ? names.tenants[tenant] : undefined;
}

/** All tenants of one generation or file. */
export class Names {
  private readonly tenants = new Map<string, TenantNames>();

  constructor(private readonly limit: number) {}

  tenant(tenant: string): TenantNames {
    let names = this.tenants.get(tenant);
    if (!names) this.tenants.set(tenant, (names = new TenantNames(this.limit)));
    return names;
  }

  /** Without making the tenant known. */
  peek(tenant: string): TenantNames | undefined {
    return this.tenants.get(tenant);
  }

  tenantNames(): readonly string[] {
    return [...this.tenants.keys()];
  }

  add(other: NamesJson): void {
    for (const [tenant, names] of Object.entries(other.tenants)) this.tenant(tenant).add(names);
  }

  toJson(): NamesJson {
    return { tenants: Object.fromEntries([...this.tenants].map(([tenant, names]) => [tenant, names.toJson()])) };
  }
}

export class TenantNames {
  readonly tags: Tags;
  readonly resourceTags: Tags;
  private truncated = false;
  private readonly services = new Map<string, ServiceNames>();
  private readonly streams = new Set<string>();
  private operations = 0;

  constructor(private readonly limit: number) {
    this.tags = new Tags(limit);
    this.resourceTags = new Tags(limit);
  }

  /** Services are never left out: the index is asked by service. */
  service(name: string): ServiceNames {
    let service = this.services.get(name);
    if (!service) this.services.set(name, (service = new ServiceNames(() => ++this.operations <= this.limit || this.cut())));
    return service;
  }

  serviceNames(): readonly string[] {
    return [...this.services.keys()];
  }

  /** Streams are never left out: log queries are planned by them. */
  addStream(json: string): void {
    this.streams.add(json);
  }

  add(other: TenantNamesJson): void {
    for (const [name, operations] of Object.entries(other.services)) {
      const service = this.service(name);
      for (const [operation, kind] of operations) service.addOperation(operation, kind);
    }
    this.tags.addAll(other.tags);
    this.resourceTags.addAll(other.resourceTags);
    for (const stream of other.streams) this.addStream(stream);
    this.truncated ||= other.truncated;
  }

  toJson(): TenantNamesJson {
    return {
      services: Object.fromEntries([...this.services].map(([name, service]) => [name, service.operations()])),
      tags: this.tags.toJson(),
      resourceTags: this.resourceTags.toJson(),
      streams: [...this.streams],
      truncated: this.truncated || this.tags.truncated || this.resourceTags.truncated,
    };
  }

  private cut(): false {
    this.truncated = true;
    return false;
  }
}

/** A power of two. */
const REMEMBERED = 256;

/** A span's name and kind. */
export interface Operation {
  readonly name: Uint8Array;
  readonly kind: number;
  /** Term of the name. */
  readonly term: number;
}

export class ServiceNames {
  private readonly kinds = new Map<string, number[]>();
  /** Operations seen last, by their hash, so that those known are found fast. */
  private readonly recent = new Array<Operation | undefined>(REMEMBERED).fill(undefined);

  constructor(private readonly mayGrow: () => boolean) {}

  addOperation(name: string, kind: number): void {
    const kinds = this.kinds.get(name);
    if (kinds?.includes(kind)) return;
    if (!this.mayGrow()) return;
    if (kinds) kinds.push(kind);
    else this.kinds.set(name, [kind]);
  }

  /**
   * Adds an operation whose name stands in UTF-8 in bytes from..to, without making a string of one that is known. `seed` is that of the
   * service's names.
   */
  operation(bytes: Uint8Array, from: number, to: number, kind: number, seed: number): Operation {
    const place = hashBytes(kind, bytes, from, to) & (REMEMBERED - 1);
    const known = this.recent[place];
    if (known !== undefined && known.kind === kind && sameBytes(known.name, bytes, from, to)) return known;
    const name = Uint8Array.from(bytes.subarray(from, to));
    const operation: Operation = { name, kind, term: hashBytes(seed, name, 0, name.length) };
    this.recent[place] = operation;
    this.addOperation(Buffer.from(name).toString(), kind);
    return operation;
  }

  operations(): (readonly [string, number])[] {
    return [...this.kinds].flatMap(([name, kinds]) => kinds.map((kind) => [name, kind] as const));
  }
}

function sameBytes(known: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (known.length !== to - from) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[from + i]) return false;
  return true;
}
