import type { Target } from '../streams/routing.js';

const FIRST_ROOM = 512;
const FIELDS = 6;
const START = 0;
const END = 1;
const ID_START = 2;
const ID_END = 3;
const TARGET = 4;
const ITEM = 5;

/** Numbers of documents, ascending. */
export type Selection = Int32Array;

/** The documents of a batch, numbered from 0: where their lines are in the body, where they go and which items they are of. */
export class Documents {
  count = 0;
  /** As a bulk request has them, one after the other. */
  body: Buffer = Buffer.alloc(0);
  private places = new Int32Array(FIRST_ROOM * FIELDS);
  private targets: Target[] = [];
  /** Of documents that are of another number of items than one; -1 - their place here stands in the place of the item. */
  private lists: (readonly number[])[] = [];
  /** Whether nothing else may be made of any of the indices than a data stream. */
  onlyDataStreams = true;

  /** Its action begins at `start` and its source ends at `end`, line feeds included; the id is nowhere (0, 0) where Elasticsearch makes it. */
  add(target: Target, start: number, end: number, idStart: number, idEnd: number, item: number): void {
    const at = this.count * FIELDS;
    if (at === this.places.length) this.grow();
    const { places, targets } = this;
    if (targets.length === 0 || targets[targets.length - 1] !== target) {
      targets.push(target);
      if (target.dataStream === null) this.onlyDataStreams = false;
    }
    places[at + START] = start;
    places[at + END] = end;
    places[at + ID_START] = idStart;
    places[at + ID_END] = idEnd;
    places[at + TARGET] = targets.length - 1;
    places[at + ITEM] = item;
    this.count++;
  }

  /** The same for a document of several items. */
  addOf(target: Target, start: number, end: number, idStart: number, idEnd: number, items: readonly number[]): void {
    this.add(target, start, end, idStart, idEnd, -1 - this.lists.length);
    this.lists.push(items);
  }

  /** Begins anew in the same memory. */
  clear(): void {
    this.count = 0;
    this.body = Buffer.alloc(0);
    this.targets = [];
    this.lists = [];
    this.onlyDataStreams = true;
  }

  all(): Selection {
    const all = new Int32Array(this.count);
    for (let n = 0; n < all.length; n++) all[n] = n;
    return all;
  }

  start(n: number): number {
    return this.places[n * FIELDS + START];
  }

  end(n: number): number {
    return this.places[n * FIELDS + END];
  }

  index(n: number): string {
    return this.target(n).index;
  }

  hasId(n: number): boolean {
    return this.places[n * FIELDS + ID_END] > 0;
  }

  id(n: number): string {
    return this.body.toString('latin1', this.places[n * FIELDS + ID_START], this.places[n * FIELDS + ID_END]);
  }

  /** Numbers in the batch of the items that the document holds or is part of. */
  items(n: number): readonly number[] {
    const item = this.places[n * FIELDS + ITEM];
    return item >= 0 ? [item] : this.lists[-1 - item];
  }

  itemsOf(some: Iterable<number>): number[] {
    const items: number[] = [];
    for (const n of some) items.push(...this.items(n));
    return items;
  }

  goToDataStreams(some: Selection): boolean {
    return this.onlyDataStreams || some.every((n) => this.target(n).dataStream !== null);
  }

  private target(n: number): Target {
    return this.targets[this.places[n * FIELDS + TARGET]];
  }

  private grow(): void {
    const larger = new Int32Array(this.places.length * 2);
    larger.set(this.places);
    this.places = larger;
  }
}
