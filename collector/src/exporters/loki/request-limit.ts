/** Batches that go divided before one is tried whole again. */
const DIVIDED_AT_MOST = 500;
/** What Loki's parts tell each other is larger or smaller than what was sent, and not always by the same share. */
const MARGIN = 0.9;

/** What a part of Loki got and what it may get (grpc-go, rpc_util.go). */
const LARGER = /message larger than max \((\d+) vs\. (\d+)\)/;

/**
 * How large a request may be so that the parts of Loki can hand on what is in it (`grpc_server_max_recv_msg_size`). Nobody but Loki knows,
 * and it says so in refusing one. Whoever runs Loki may raise it, so after a time the limit is forgotten and a whole batch tells it anew.
 */
export class RequestLimit {
  #maxBytes = Infinity;
  #divided = 0;

  /** Nothing is known to be too large, so sizes need not be known. */
  get isUnknown(): boolean {
    return this.#maxBytes === Infinity;
  }

  /** Loki refused a request of so many bytes, before compression, with this text. */
  refused(bytes: number, text: string): void {
    const [, was, may] = LARGER.exec(text) ?? [];
    const fits = was === undefined ? bytes / 2 : (bytes * Number(may) * MARGIN) / Number(was);
    this.#maxBytes = Math.min(this.#maxBytes, fits);
    this.#divided = 0;
  }

  /** Whether a request of so many bytes would be refused, so that it is to be divided at once. */
  refuses(bytes: number): boolean {
    if (bytes <= this.#maxBytes) return false;
    if (this.#divided < DIVIDED_AT_MOST) {
      this.#divided++;
      return true;
    }
    this.#maxBytes = Infinity;
    return false;
  }
}
