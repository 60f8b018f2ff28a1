import type { FrameIds } from './document-id.js';
import type { Repeats } from '../deflate/repeats.js';
import { JsonBuffer } from '../json/json-buffer.js';
import type { PhraseRuns } from '../json/phrase-runs.js';
import { Phrase } from '../json/phrase.js';
import type { Target } from '../streams/routing.js';
import { Documents } from './documents.js';

/** A document cannot be made of an item. */
export interface DroppedItem {
  readonly item: number;
  readonly reason: string;
}

/** What a batch becomes. */
export interface MadeDocuments {
  readonly documents: Documents;
  readonly dropped: readonly DroppedItem[];
}

const ID_NAME = Buffer.from(',"_id":"');

/** Writes documents one after the other as a bulk request has them: a line that says what is to be done, and the document. */
export class DocumentWriter {
  /** The document's own JSON goes here between `begin` and `end`. */
  readonly out: JsonBuffer;
  private readonly dropped: DroppedItem[] = [];
  private readonly actionEnd = Phrase.of('"}}\n');
  private readonly lineFeed = Phrase.of('\n');
  /** Of documents of one frame that go to one index: the action up to where their ids differ. */
  private head = this.lineFeed;
  private headTarget: Target | null = null;
  private headIds: FrameIds | null = null;
  private target: Target | null = null;
  private start = 0;
  private idStart = 0;
  private idEnd = 0;

  /** @param memory as JsonBuffer has it, and `repeats` and `runs`; `documents` are empty, and nobody else uses them meanwhile */
  constructor(memory: number | Buffer, repeats?: Repeats, runs?: PhraseRuns, private readonly documents = new Documents()) {
    this.out = new JsonBuffer(memory, repeats, runs);
  }

  /** Without `ids` Elasticsearch names the document. `number`: see FrameIds. `more`: further members of the action, as JSON. */
  begin(target: Target, ids: FrameIds | null, ordinal: number, number = -1, more = ''): void {
    const { out } = this;
    this.target = target;
    this.start = out.length;
    this.idStart = this.idEnd = 0;
    if (ids === null) out.phrase(target.action);
    else {
      if (target !== this.headTarget || ids !== this.headIds) {
        this.head = new Phrase(Buffer.concat([target.action.bytes, ID_NAME, ids.begin]));
        this.headTarget = target;
        this.headIds = ids;
      }
      out.phrase(this.head);
      this.idStart = out.length - ids.begin.length;
      ids.write(out, ordinal, number);
      this.idEnd = out.length;
      if (more === '') {
        out.phrase(this.actionEnd);
        return;
      }
      out.ascii('"');
    }
    out.raw(more);
    out.ascii('}}\n');
  }

  /** @param item number in the batch of the item that it is or is part of */
  end(item: number): void {
    const { out, target } = this;
    if (target === null) return;
    out.phrase(this.lineFeed);
    this.documents.add(target, this.start, out.length, this.idStart, this.idEnd, item);
  }

  /** @param items numbers in the batch of all that it holds */
  endOf(items: readonly number[]): void {
    const { out, target } = this;
    if (target === null) return;
    out.phrase(this.lineFeed);
    this.documents.addOf(target, this.start, out.length, this.idStart, this.idEnd, items);
  }

  drop(item: number, reason: string): void {
    this.dropped.push({ item, reason });
  }

  all(): MadeDocuments {
    this.documents.body = this.out.written();
    return { documents: this.documents, dropped: this.dropped };
  }
}
