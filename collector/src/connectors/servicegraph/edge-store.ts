/** What is known of a request, from one side or both. Times in seconds; a name is '' as long as it is not known. */
export interface Edge {
  readonly tenant: string;
  readonly traceId: string;
  /** Of the client's span. */
  readonly spanId: string;
  client: string;
  server: string;
  /** '', 'messaging_system', 'database' or 'virtual_node'. */
  connection: string;
  clientSeconds: number;
  serverSeconds: number;
  failed: boolean;
  /** What the peer attributes of the client's span say; '' for nothing. */
  peer: string;
  /** By the configured dimensions, in their order; undefined for none. */
  readonly clientDimensions: (string | undefined)[];
  readonly serverDimensions: (string | undefined)[];
  readonly expiresNs: bigint;
}

/**
 * Edges that wait for their other side, the oldest first. By span id, where trace and tenant are compared: the rare ones of an equal
 * span id stand in one list.
 */
export class EdgeStore {
  readonly #edges = new Map<string, Edge | Edge[]>();
  /** In the order they came, which is the order they expire in. */
  readonly #order = new Set<Edge>();

  constructor(readonly maxItems: number) {}

  get size(): number {
    return this.#order.size;
  }

  get(tenant: string, traceId: string, spanId: string): Edge | undefined {
    const found = this.#edges.get(spanId);
    if (found === undefined) return undefined;
    if (Array.isArray(found)) return found.find((edge) => edge.traceId === traceId && edge.tenant === tenant);
    return found.traceId === traceId && found.tenant === tenant ? found : undefined;
  }

  /** False where there is no room. */
  add(edge: Edge): boolean {
    if (this.#order.size >= this.maxItems) return false;
    const found = this.#edges.get(edge.spanId);
    this.#edges.set(edge.spanId, found === undefined ? edge : Array.isArray(found) ? [...found, edge] : [found, edge]);
    this.#order.add(edge);
    return true;
  }

  remove(edge: Edge): void {
    const found = this.#edges.get(edge.spanId);
    const left = Array.isArray(found) ? found.filter((other) => other !== edge) : [];
    if (left.length === 0) this.#edges.delete(edge.spanId);
    else this.#edges.set(edge.spanId, left);
    this.#order.delete(edge);
  }

  /** Takes out what expired. */
  expire(nowNs: bigint, expired: (edge: Edge) => void): void {
    for (const edge of this.#order) {
      if (edge.expiresNs > nowNs) return;
      this.remove(edge);
      expired(edge);
    }
  }

  save(): readonly Edge[] {
    return [...this.#order];
  }

  load(edges: readonly Edge[]): void {
    for (const edge of edges) this.add(edge);
  }
}
