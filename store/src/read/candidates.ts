import type { TimeRange } from '@signalbox/query/readers';
import type { View } from '../files/catalog.js';
import { holdsTenant, pathsOf, type StoredFile } from '../files/stored-file.js';
import { BLOCK_ROWS } from '../index/block-terms.js';
import { namesOf } from '../hot/names.js';
import { serviceSeeds, type ServiceSeeds } from '../index/hash.js';
import type { IndexReader } from '../index/index-reader.js';
import { askIndex, parquet, type ReadParts } from './parts.js';
import type { CompiledConditions } from './conditions.js';

/** A file or a hot table: what blocks belong to. */
export interface BlockSource {
  /** A relation in the shape of a span file. */
  readonly from: string;
  /** Its column with the row's number. */
  readonly rowNumber: string;
}

/** A block that may hold matches. */
export interface Candidate {
  readonly source: BlockSource;
  readonly block: number;
  /** No row is later. */
  readonly maxNs: bigint;
}

/** Later than any time. */
const OPEN_END = 1n << 64n;
/** With more services than this in a file, asking the index for each of them costs more than it saves. */
const MAX_SERVICES_ASKED = 200;

/** Hands out the blocks that may hold matches, those with the latest spans first; files are looked into when it is their turn. */
export class Candidates {
  private readonly files: StoredFile[];
  /** Ascending by time: the next one is the last. */
  private readonly blocks: Candidate[] = [];

  constructor(private readonly parts: ReadParts, view: View, private readonly tenant: string, private readonly range: TimeRange, private readonly conditions: CompiledConditions) {
    this.files = view.files
      .filter((file) => file.kind === 'spans' && holdsTenant(file, tenant) && file.minNs < range.endNs && file.maxNs >= range.startNs)
      .sort((a, b) => (a.maxNs < b.maxNs ? -1 : 1));
    for (const generation of view.generations) this.addHot(generation);
    this.sort();
  }

  /** Time that no candidate left is behind; null when there is none left. */
  async next(): Promise<bigint | null> {
    for (;;) {
      const file = this.files.at(-1);
      const block = this.blocks.at(-1);
      if (!file || (block && block.maxNs > file.maxNs)) return block?.maxNs ?? null;
      this.files.pop();
      await this.addFile(file);
    }
  }

  /** Up to `count` candidates. */
  async take(count: number): Promise<Candidate[]> {
    const taken: Candidate[] = [];
    while (taken.length < count && (await this.next()) !== null) {
      const block = this.blocks.pop();
      if (block) taken.push(block);
    }
    return taken;
  }

  private addHot(generation: View['generations'][number]): void {
    const { spans } = generation;
    const source = { from: `(${spans.source})`, rowNumber: 'row_number' };
    const services = this.conditions.service === null ? (spans.names.peek(this.tenant)?.serviceNames() ?? []) : [this.conditions.service];
    const clauses = this.termsOf(services);
    spans.terms.closed.forEach(({ terms, minNs, maxNs }, block) => {
      if (maxNs < this.range.startNs || minNs >= this.range.endNs) return;
      if (clauses.some((ofService) => ofService.every((alternatives) => alternatives.some((term) => includes(terms, term))))) this.blocks.push({ source, block, maxNs });
    });
    this.blocks.push({ source, block: spans.terms.current, maxNs: OPEN_END });
  }

  private async addFile(file: StoredFile): Promise<void> {
    const source = { from: parquet(pathsOf(this.parts.dir, file).data), rowNumber: 'file_row_number' };
    const found = await askIndex(this.parts, file, async (index) => {
      const blocks = await this.blocksOf(file, index);
      return blocks.map((block) => ({ block, minNs: index.times[block * 2], maxNs: index.times[block * 2 + 1] }));
    });
    const all = found ?? Array.from({ length: Math.ceil(file.rows / BLOCK_ROWS) }, (_, block) => ({ block, minNs: file.minNs, maxNs: file.maxNs }));
    for (const { block, minNs, maxNs } of all) {
      if (maxNs >= this.range.startNs && minNs < this.range.endNs) this.blocks.push({ source, block, maxNs });
    }
    this.sort();
  }

  private async blocksOf(file: StoredFile, index: IndexReader): Promise<number[]> {
    const all = (): number[] => Array.from({ length: index.header.blocks }, (_, block) => block);
    const { clauses, service } = this.conditions;
    if (clauses.length === 0) return all();
    const names = service === null ? await this.parts.indexes.names(file) : null;
    const services = names ? Object.keys(namesOf(names, this.tenant)?.services ?? {}) : [service ?? ''];
    if (services.length > MAX_SERVICES_ASKED) return all();
    const blocks = new Set<number>();
    for (const ofService of this.termsOf(services)) {
      let left: number[] | null = null;
      for (const alternatives of ofService) {
        const ofClause = new Set<number>();
        for (const term of alternatives) for (const block of await index.blocksOf(term)) ofClause.add(block);
        left = left === null ? [...ofClause] : left.filter((block) => ofClause.has(block));
        if (left.length === 0) break;
      }
      for (const block of left ?? []) blocks.add(block);
    }
    return [...blocks];
  }

  /** By service, by clause: the alternatives. */
  private termsOf(services: readonly string[]): (readonly (readonly number[])[])[] {
    const seeds: ServiceSeeds[] = services.map((service) => serviceSeeds(this.tenant, service));
    return seeds.map((of) => this.conditions.clauses.map((clause) => clause(of)));
  }

  private sort(): void {
    this.blocks.sort((a, b) => (a.maxNs < b.maxNs ? -1 : a.maxNs > b.maxNs ? 1 : 0));
  }
}

function includes(sorted: Uint32Array, term: number): boolean {
  const wanted = term === 0 ? 1 : term;
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === wanted;
}
