import { Buffer } from 'node:buffer';
import type { WriteWriter } from '@signalbox/signals/prometheus/remote-write/write-writer';

const SYMBOL_TAG = 0x22; // 4 symbols
const FIRST_TEXTS = 1024;
/** What a text costs beside its characters. */
const TEXT_BYTES = 120;

/**
 * Texts of labels by their numbers, which hold as long as the table; number 0 is the empty one. A request has numbers of its own,
 * handed out as they are asked for between `begin` and `write`: those are what protocol 2.0 calls symbols.
 */
export class Symbols {
  private readonly ids = new Map<string, number>([['', 0]]);
  private readonly texts: string[] = [''];
  /** Texts as fields of a request, once they were in one. */
  private readonly fields: (Uint8Array | undefined)[] = [];
  /** Number in the request that `stamps` tells. */
  private refs = new Uint32Array(FIRST_TEXTS);
  private stamps = new Uint32Array(FIRST_TEXTS);
  private request = 0;
  private readonly inRequest: (number | string)[] = [];
  private readonly foreign = new Map<string, number>();
  /** Memory that it holds, as estimated. */
  bytes = 0;

  id(text: string): number {
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    const id = this.texts.length;
    this.ids.set(text, id);
    this.texts.push(text);
    this.bytes += text.length * 2 + TEXT_BYTES;
    return id;
  }

  text(id: number): string {
    return this.texts[id] as string;
  }

  begin(): void {
    this.request = this.request === 0xffff_ffff ? 1 : this.request + 1;
    this.inRequest.length = 0;
    this.foreign.clear();
    if (this.refs.length < this.texts.length) {
      this.refs = new Uint32Array(this.texts.length * 2);
      this.stamps = new Uint32Array(this.texts.length * 2);
    }
    this.stamps[0] = this.request;
    this.inRequest.push(0);
  }

  ref(id: number): number {
    if (this.stamps[id] === this.request) return this.refs[id] as number;
    this.stamps[id] = this.request;
    return (this.refs[id] = this.inRequest.push(id) - 1);
  }

  /** Of a text that need not be remembered. */
  refOf(text: string): number {
    const id = this.ids.get(text);
    if (id !== undefined) return this.ref(id);
    let ref = this.foreign.get(text);
    if (ref === undefined) this.foreign.set(text, (ref = this.inRequest.push(text) - 1));
    return ref;
  }

  /** The request's symbols, in front of what was written. */
  write(writer: WriteWriter): void {
    for (let i = this.inRequest.length - 1; i >= 0; i--) {
      const symbol = this.inRequest[i] as number | string;
      if (typeof symbol === 'string') writer.text(SYMBOL_TAG, symbol);
      else writer.raw((this.fields[symbol] ??= field(this.text(symbol))));
    }
  }
}

function field(text: string): Uint8Array {
  const bytes = Buffer.from(text);
  const head = [SYMBOL_TAG];
  let rest = bytes.length;
  for (; rest > 0x7f; rest >>>= 7) head.push((rest & 0x7f) | 0x80);
  return Uint8Array.from([...head, rest, ...bytes]);
}
