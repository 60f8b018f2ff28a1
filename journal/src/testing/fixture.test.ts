import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemCode } from '../errors.js';
import type { Frame, FrameHeader, FrameInput } from '../frame.js';
import type { JournalSettings } from '../journal.js';
import type { LedgerChange } from '../ledger-change.js';
import { JournalReader } from '../reader.js';

/** Closes and removes, last first, what a test opened. Use one per suite: `const scope = testScope()`. */
export function testScope(): { dir(): string; defer(close: () => unknown): void } {
  const closers: (() => unknown)[] = [];
  const scope = {
    dir: (): string => {
      const dir = fs.mkdtempSync(join(tmpdir(), 'sbx-journal-'));
      scope.defer(() => fs.rmSync(dir, { recursive: true, force: true }));
      return dir;
    },
    defer: (close: () => unknown): void => void closers.push(close),
  };
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  return scope;
}

export const SMALL: Pick<JournalSettings, 'maxBytes' | 'segmentBytes' | 'minFreeShare'> = { maxBytes: 64 << 20, segmentBytes: 64 << 10, minFreeShare: 0 };

export function input(fields: Partial<FrameInput> = {}): FrameInput {
  return { signal: 'traces', encoding: 'otlp', tenant: 'default', items: 10, rejected: [], receivedNs: BigInt(Date.now()) * 1_000_000n, payload: Buffer.from('payload'), ...fields };
}

/** A payload that tells which one it is and has `bytes` bytes. */
export function payloadOf(number: number, bytes = 100): Buffer {
  const payload = Buffer.alloc(Math.max(bytes, 8), number & 0xff);
  payload.writeUInt32LE(number, 0);
  return payload;
}

export interface ReadAll {
  readonly frames: Frame[];
  readonly lost: LedgerChange[];
  readonly next: number;
}

export async function readAll(reader: JournalReader, from = 0, wants: (header: FrameHeader) => boolean = () => true, maxBytes = 1 << 20): Promise<ReadAll> {
  const frames: Frame[] = [];
  const lost: LedgerChange[] = [];
  let next = from;
  while (next < reader.durable()) {
    const result = await reader.read(next, { maxBytes, wants });
    if (result.next === next) throw new Error(`the reader stands still at ${next}`);
    frames.push(...result.frames);
    lost.push(...result.evicted);
    next = result.next;
  }
  return { frames, lost, next };
}

/** Reads a directory from its beginning on with a reader of its own. */
export async function readDir(dir: string, from = 0): Promise<ReadAll> {
  const reader = await JournalReader.open(dir);
  try {
    return await readAll(reader, from);
  } finally {
    await reader.close();
  }
}

/** What a crash at this instant leaves: the files as they are, and a lock whose owner is gone. */
export function crashCopy(dir: string, to: string): void {
  for (let attempt = 1; ; attempt++) {
    try {
      fs.cpSync(dir, to, { recursive: true });
      break;
    } catch (error) {
      if (systemCode(error) !== 'ENOENT' || attempt === 10) throw error; // a segment was recycled meanwhile
      fs.rmSync(to, { recursive: true, force: true });
    }
  }
  for (const name of fs.readdirSync(to)) if (name.startsWith('lock.')) fs.rmSync(join(to, name));
}

export function segmentFiles(dir: string): string[] {
  return fs.readdirSync(dir).filter((name) => name.endsWith('.seg')).sort().map((name) => join(dir, name));
}

export function overwrite(path: string, offset: number, bytes: Uint8Array): void {
  const fd = fs.openSync(path, 'r+');
  fs.writeSync(fd, bytes, 0, bytes.length, offset);
  fs.closeSync(fd);
}

/** Sum of what was lost, by `tenant signal reason`. */
export function lossesBy(changes: readonly LedgerChange[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { tenant, signal, dropped } of changes) {
    for (const [reason, items] of Object.entries(dropped ?? {})) {
      const key = `${tenant} ${signal} ${reason}`;
      sums[key] = (sums[key] ?? 0) + items;
    }
  }
  return sums;
}

export function until(what: string, check: () => boolean | Promise<boolean>): Promise<void> {
  return (async () => {
    for (let attempt = 0; attempt < 6000; attempt++) {
      if (await check()) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`never came: ${what}`);
  })();
}

/** Runs a `*.child.ts` that stands beside this file. */
export function child(script: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--conditions=source', '--import', 'tsx', fileURLToPath(new URL(script, import.meta.url)), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

export function exited(process: ChildProcess): Promise<void> {
  return new Promise((resolve) => (process.exitCode !== null || process.signalCode !== null ? resolve() : process.once('exit', () => resolve())));
}
