import type { FrameIds } from './document-id.js';
import { JsonBuffer } from '../json/json-buffer.js';
import type { Target } from '../streams/routing.js';

/** A document on its way: its lines are in the batch's body. */
export interface EsDocument {
  readonly index: string;
  /** Nothing else may be made of the index than a data stream. */
  readonly isDataStream: boolean;
  /** Numbers in the batch of the items that it holds or is part of. */
  readonly items: readonly number[];
  /** Where its action begins and its source ends, line feeds included. */
  readonly start: number;
  readonly end: number;
  /** Where its `_id` is; nowhere (0, 0) where Elasticsearch makes it itself of the document's dimensions and time. */
  readonly idStart: number;
  readonly idEnd: number;
}

/** A document cannot be made of an item. */
export interface DroppedItem {
  readonly item: number;
  readonly reason: string;
}

/** What a batch becomes. */
export interface Documents {
  readonly documents: readonly EsDocument[];
  /** As a bulk request has them, one after the other. */
  readonly body: Buffer;
  readonly dropped: readonly DroppedItem[];
}

const LINE_FEED = 0x0a;

/** Writes documents one after the other as a bulk request has them: a line that says what is to be done, and the document. */
export class DocumentWriter {
  /** The document's own JSON goes here between `begin` and `end`. */
  readonly out: JsonBuffer;
  private readonly documents: EsDocument[] = [];
  private readonly dropped: DroppedItem[] = [];
  private target: Target | null = null;
  private start = 0;
  private idStart = 0;
  private idEnd = 0;

  /** @param memory as JsonBuffer has it */
  constructor(memory: number | Buffer) {
    this.out = new JsonBuffer(memory);
  }

  /** Without `ids` Elasticsearch names the document. `number`: see FrameIds. `more`: further members of the action, as JSON. */
  begin(target: Target, ids: FrameIds | null, ordinal: number, number = -1, more = ''): void {
    const { out } = this;
    this.target = target;
    this.start = out.length;
    this.idStart = this.idEnd = 0;
    out.copy(target.action);
    if (ids !== null) {
      out.ascii(',"_id":"');
      this.idStart = out.length;
      ids.write(out, ordinal, number);
      this.idEnd = out.length;
      out.ascii('"');
    }
    if (more !== '') out.raw(more);
    out.ascii('}}\n');
  }

  end(items: readonly number[]): void {
    const { out, target, start, idStart, idEnd } = this;
    if (target === null) return;
    out.byte(LINE_FEED);
    this.documents.push({ index: target.index, isDataStream: target.dataStream !== null, items, start, end: out.length, idStart, idEnd });
  }

  drop(item: number, reason: string): void {
    this.dropped.push({ item, reason });
  }

  all(): Documents {
    return { documents: this.documents, body: this.out.written(), dropped: this.dropped };
  }
}
