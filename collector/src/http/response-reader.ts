const LINE_FEED = 0x0a;
/** Of the status line and all headers, those of interim answers and trailers included. */
const MAX_HEAD_BYTES = 64 << 10;
/** Of a line with a chunk's length. */
const MAX_CHUNK_LINE_BYTES = 4 << 10;

type State = 'status' | 'header' | 'length' | 'close' | 'chunk size' | 'chunk' | 'chunk end' | 'trailer' | 'done';

export interface ResponseHead {
  readonly status: number;
  readonly statusText: string;
  /** By name in lower case; values of the same name joined by a comma. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Who gets what is read. What it throws ends the answer. */
export interface ResponseTaker {
  /** Answers whether the body is wanted. */
  head(head: ResponseHead): boolean;
  /** Good until it returns. */
  body(bytes: Buffer, from: number, to: number): void;
}

/** Reads one answer of HTTP/1.1 (RFC 9112) out of the bytes of a connection. */
export class ResponseReader {
  readonly #taker: ResponseTaker;
  #state: State = 'status';
  /** A line whose end has not come yet, as latin1. */
  #line = '';
  #headBytes = 0;
  /** Bytes that the body, or its chunk, still has. */
  #left = 0;
  #status = 0;
  #statusText = '';
  #minor = 1;
  #headers = new Map<string, string>();
  #staysOpen = false;

  constructor(taker: ResponseTaker) {
    this.#taker = taker;
  }

  get isComplete(): boolean {
    return this.#state === 'done';
  }

  /** The connection can bring another answer behind this one. */
  get staysOpen(): boolean {
    return this.#staysOpen;
  }

  /** @throws Error where it is no HTTP, or as the taker does */
  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && this.#state !== 'done') at = this.#isBody() ? this.#body(bytes, at) : this.#textLine(bytes, at);
    if (at < bytes.length) this.#staysOpen = false;
  }

  /** The connection ended: that may be the end of the body. */
  end(): void {
    if (this.#state === 'close') this.#state = 'done';
  }

  #isBody(): boolean {
    return this.#state === 'length' || this.#state === 'chunk' || this.#state === 'close';
  }

  #body(bytes: Buffer, from: number): number {
    const to = this.#state === 'close' ? bytes.length : Math.min(bytes.length, from + this.#left);
    this.#taker.body(bytes, from, to);
    if (this.#state === 'close') return to;
    this.#left -= to - from;
    if (this.#left === 0) this.#state = this.#state === 'length' ? 'done' : 'chunk end';
    return to;
  }

  #textLine(bytes: Buffer, from: number): number {
    const end = bytes.indexOf(LINE_FEED, from);
    const to = end < 0 ? bytes.length : end;
    const isOfChunk = this.#state === 'chunk size' || this.#state === 'chunk end';
    if (!isOfChunk) this.#headBytes += to - from + 1;
    if (isOfChunk ? this.#line.length + to - from > MAX_CHUNK_LINE_BYTES : this.#headBytes > MAX_HEAD_BYTES) throw new Error(`the answer is not HTTP as it should be: ${isOfChunk ? 'a chunk without a length' : `headers of more than ${MAX_HEAD_BYTES} bytes`}`);
    const text = this.#line + bytes.toString('latin1', from, to);
    if (end < 0) this.#line = text;
    else {
      this.#line = '';
      this.#read(text.endsWith('\r') ? text.slice(0, -1) : text);
    }
    return to + 1;
  }

  #read(line: string): void {
    switch (this.#state) {
      case 'status':
        return this.#statusLine(line);
      case 'header':
        return line === '' ? this.#headEnd() : this.#header(line);
      case 'chunk size':
        return this.#chunk(line);
      case 'chunk end':
        if (line !== '') throw unexpected('a chunk longer than it says', line);
        this.#state = 'chunk size';
        return;
      case 'trailer':
        if (line === '') this.#state = 'done';
    }
  }

  #statusLine(line: string): void {
    const found = STATUS_LINE.exec(line);
    if (found === null) throw unexpected('no HTTP/1.1', line);
    this.#minor = Number(found[1]);
    this.#status = Number(found[2]);
    this.#statusText = found[3] ?? '';
    this.#state = 'header';
  }

  #header(line: string): void {
    const colon = line.indexOf(':');
    if (colon <= 0) throw unexpected('a header without a name', line);
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = this.#headers.get(name);
    this.#headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }

  #headEnd(): void {
    const status = this.#status;
    const headers = this.#headers;
    if (status < 200 && status !== 101) {
      // An interim answer: the one that counts follows.
      this.#headers = new Map();
      this.#state = 'status';
      return;
    }
    this.#state = this.#bodyState(status, headers);
    const connection = headers.get('connection')?.toLowerCase() ?? '';
    this.#staysOpen = this.#state !== 'close' && (this.#minor === 1 ? !connection.includes('close') : connection.includes('keep-alive'));
    if (!this.#taker.head({ status, statusText: this.#statusText, headers }) && this.#state !== 'done') {
      this.#state = 'done';
      this.#staysOpen = false;
    }
  }

  /** RFC 9112, section 6.3. */
  #bodyState(status: number, headers: ReadonlyMap<string, string>): State {
    if (status === 101 || status === 204 || status === 304) return 'done';
    const coding = headers.get('transfer-encoding');
    if (coding !== undefined) {
      if (coding.toLowerCase() !== 'chunked') throw new Error(`the answer has a transfer encoding that is not known: ${coding.slice(0, 100)}`);
      return 'chunk size';
    }
    const length = headers.get('content-length');
    if (length === undefined) return 'close';
    // The same length may stand there twice.
    const lengths = new Set(length.split(/ *, */));
    this.#left = Number(length.split(',')[0]);
    if (lengths.size > 1 || !/^\d{1,15}$/.test([...lengths][0]!)) throw new Error(`the answer has a content-length that is no length: ${length.slice(0, 100)}`);
    return this.#left === 0 ? 'done' : 'length';
  }

  #chunk(line: string): void {
    const size = CHUNK_SIZE.exec(line)?.[1];
    if (size === undefined) throw unexpected('a chunk without a length', line);
    this.#left = parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailer' : 'chunk';
  }
}

const STATUS_LINE = /^HTTP\/1\.([01]) +(\d{3})(?: (.*))?$/;
/** Extensions may follow. */
const CHUNK_SIZE = /^([0-9a-fA-F]{1,12})[ \t]*(?:;.*)?$/;

function unexpected(what: string, line: string): Error {
  return new Error(`the answer is not HTTP as it should be: ${what}: ${JSON.stringify(line.slice(0, 100))}`);
}
