import { rm } from 'node:fs/promises';
import type { LedgerChange } from '@signalbox/journal/ledger-change';
import type { Generation } from '../hot/generation.js';
import { writeManifest, type Manifest, type RetainedOut } from './manifest.js';
import { allPathsOf, type StoredFile } from './stored-file.js';

/** What a query reads: a set of files and generations that stays while it is held. */
export interface View {
  readonly files: readonly StoredFile[];
  readonly generations: readonly Generation[];
}

export interface Lease {
  readonly view: View;
  release(): void;
}

export interface DeleteHooks {
  /** A file is about to be deleted: nobody reads it any more. */
  deleting(file: StoredFile): void;
  failed(what: string, error: unknown): void;
}

/** One state of the catalog. It lives while it is the current one or somebody holds it. */
interface State extends View {
  holders: number;
}

/**
 * Files and hot generations, changed one after the other. A change writes the manifest first and is then seen by queries at
 * once and as a whole: a generation disappears in the same moment as its files appear. What a change removed is
 * deleted when the last query that may read it has ended.
 *
 * Invariant: `states` holds the current state and those with holders; a file or generation is deleted when no state in
 * `states` has it.
 */
export class Catalog {
  private current: State;
  private readonly states = new Set<State>();
  private line: Promise<unknown> = Promise.resolve();
  private readonly deletions = new Set<Promise<unknown>>();

  constructor(private readonly dir: string, private known: Manifest, private readonly hooks: DeleteHooks) {
    this.current = { files: known.files, generations: [], holders: 1 };
    this.states.add(this.current);
  }

  get manifest(): Manifest {
    return this.known;
  }

  get view(): View {
    return this.current;
  }

  acquire(): Lease {
    const state = this.current;
    state.holders++;
    let released = false;
    return {
      view: state,
      release: () => {
        if (released) return;
        released = true;
        this.letGo(state);
      },
    };
  }

  /** Numbers for new files; what is not used is lost, never given again within this process. */
  takeNumber(): number {
    const { nextNumber } = this.known;
    this.known = { ...this.known, nextNumber: nextNumber + 1 };
    return nextNumber;
  }

  addGeneration(generation: Generation): void {
    this.show({ files: this.current.files, generations: [...this.current.generations, generation] });
  }

  /** Forgets a generation's rows. */
  replaceGeneration(old: Generation, next: Generation): void {
    this.show({ files: this.current.files, generations: [...this.current.generations.filter((generation) => generation !== old), next] });
  }

  /** Puts a generation's files in its place. `pending` are ledger changes that the cursor does not have yet. */
  commitFlush(generation: Generation, files: readonly StoredFile[], position: number, journalId: string, pending: readonly LedgerChange[]): Promise<void> {
    return this.change(() => ({
      manifest: { ...this.known, journalId, position, pending, files: [...this.known.files, ...files] },
      generations: this.current.generations.filter((g) => g !== generation),
    }));
  }

  commitMerge(sources: readonly StoredFile[], merged: readonly StoredFile[]): Promise<void> {
    return this.change(() => ({ manifest: { ...this.known, files: [...without(this.known.files, sources), ...merged] } }));
  }

  commitRetention(gone: readonly StoredFile[]): Promise<void> {
    return this.change(() => ({ manifest: { ...this.known, files: without(this.known.files, gone), retainedOut: addGone(this.known.retainedOut, gone) } }));
  }

  /** Waits for changes and deletions under way. */
  async settle(): Promise<void> {
    await this.line.catch(() => undefined);
    await Promise.allSettled(this.deletions);
  }

  private change(next: () => { manifest: Manifest; generations?: readonly Generation[] }): Promise<void> {
    const step = this.line.then(async () => {
      const { manifest } = next();
      await writeManifest(this.dir, manifest);
      // Numbers and generations may have been added while the file was written.
      const after = next();
      this.known = after.manifest;
      this.show({ files: after.manifest.files, generations: after.generations ?? this.current.generations });
    });
    this.line = step.catch(() => undefined);
    return step;
  }

  private show(view: View): void {
    const before = this.current;
    this.current = { ...view, holders: 1 };
    this.states.add(this.current);
    this.letGo(before);
  }

  private letGo(state: State): void {
    if (--state.holders > 0) return;
    this.states.delete(state);
    const files = new Set<StoredFile>();
    const generations = new Set<Generation>();
    for (const other of this.states) {
      for (const file of other.files) files.add(file);
      for (const generation of other.generations) generations.add(generation);
    }
    for (const file of state.files) if (!files.has(file)) this.delete(`file ${file.kind}/${file.number}`, () => this.deleteFile(file));
    for (const generation of state.generations) if (!generations.has(generation)) this.delete(`generation ${generation.id}`, () => generation.drop());
  }

  private async deleteFile(file: StoredFile): Promise<void> {
    this.hooks.deleting(file);
    for (const path of allPathsOf(this.dir, file)) await rm(path, { force: true });
  }

  private delete(what: string, work: () => Promise<unknown>): void {
    const deletion = work().catch((error: unknown) => this.hooks.failed(what, error)).finally(() => this.deletions.delete(deletion));
    this.deletions.add(deletion);
  }
}

function without(files: readonly StoredFile[], gone: readonly StoredFile[]): StoredFile[] {
  const set = new Set(gone);
  return files.filter((file) => !set.has(file));
}

function addGone(before: RetainedOut, gone: readonly StoredFile[]): RetainedOut {
  const rows = (kind: StoredFile['kind']): number => gone.reduce((sum, file) => sum + (file.kind === kind ? file.rows : 0), 0);
  return { spans: before.spans + rows('spans'), logs: before.logs + rows('logs'), samples: before.samples + rows('samples'), bytes: before.bytes + gone.reduce((sum, file) => sum + file.bytes, 0) };
}
