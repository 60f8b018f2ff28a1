import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Folders deeper than this below a `**` are not looked into. */
const MAX_DEPTH = 32;

/** A pattern of absolute paths: `*` and `?` within a name, `[a-z]`, `{a,b}`, `**` for folders at any depth. */
export class Glob {
  readonly #alternatives: readonly (readonly string[])[];

  constructor(pattern: string) {
    this.#alternatives = expandBraces(pattern).map((each) => each.split('/').filter((segment) => segment !== ''));
  }

  matches(path: string): boolean {
    const names = path.split('/').filter((name) => name !== '');
    return this.#alternatives.some((segments) => matchPath(segments, 0, names, 0));
  }

  /** Adds the paths of entries that are no folders; folders that cannot be read are told and passed over. */
  async find(into: Set<string>, unreadable: (path: string, error: unknown) => void): Promise<void> {
    for (const segments of this.#alternatives) await walk('/', segments, 0, into, unreadable, 0);
  }
}

async function walk(folder: string, segments: readonly string[], at: number, into: Set<string>, unreadable: (path: string, error: unknown) => void, depth: number): Promise<void> {
  const segment = segments[at];
  if (segment === undefined || depth > MAX_DEPTH) return;
  const last = at === segments.length - 1;
  if (segment !== '**' && !isPattern(segment)) {
    const path = join(folder, segment);
    if (last) into.add(path);
    else await walk(path, segments, at + 1, into, unreadable, depth);
    return;
  }
  if (segment === '**' && !last) await walk(folder, segments, at + 1, into, unreadable, depth);
  for (const entry of await list(folder, unreadable)) {
    const path = join(folder, entry.name);
    if (segment === '**') {
      // Links are not followed here: they may lead in circles.
      if (entry.isDirectory()) await walk(path, segments, at, into, unreadable, depth + 1);
      else if (last) into.add(path);
    } else if (matchName(segment, entry.name)) {
      if (!last) {
        if (entry.isDirectory() || entry.isSymbolicLink()) await walk(path, segments, at + 1, into, unreadable, depth);
      } else if (!entry.isDirectory()) into.add(path);
    }
  }
}

async function list(folder: string, unreadable: (path: string, error: unknown) => void): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code !== 'ENOENT' && code !== 'ENOTDIR') unreadable(folder, error);
    return [];
  }
}

function isPattern(segment: string): boolean {
  return /[*?[\\]/.test(segment);
}

function matchPath(segments: readonly string[], s: number, names: readonly string[], n: number): boolean {
  for (; s < segments.length; s++, n++) {
    if (segments[s] === '**') {
      if (s === segments.length - 1) return n < names.length;
      for (let skip = n; skip <= names.length; skip++) if (matchPath(segments, s + 1, names, skip)) return true;
      return false;
    }
    if (n >= names.length || !matchName(segments[s]!, names[n]!)) return false;
  }
  return n === names.length;
}

/** Goes back to the last `*` alone, so that the time is bounded by the product of the lengths. */
export function matchName(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let starName = 0;
  while (n < name.length) {
    const step = p < pattern.length && pattern[p] !== '*' ? matchOne(pattern, p, name[n]!) : -1;
    if (step > 0) {
      p += step;
      n++;
    } else if (pattern[p] === '*') {
      star = p++;
      starName = n;
    } else if (star >= 0) {
      p = star + 1;
      n = ++starName;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** Characters of the pattern that stand for this one of the name; -1: it is another. */
function matchOne(pattern: string, p: number, char: string): number {
  if (pattern[p] === '?') return 1;
  if (pattern[p] === '\\' && p + 1 < pattern.length) return pattern[p + 1] === char ? 2 : -1;
  const close = pattern[p] === '[' ? pattern.indexOf(']', p + 2) : -1;
  if (close < 0) return pattern[p] === char ? 1 : -1;
  const negated = pattern[p + 1] === '!' || pattern[p + 1] === '^';
  let inside = false;
  for (let i = p + (negated ? 2 : 1); i < close; i++) {
    if (pattern[i + 1] === '-' && i + 2 < close) {
      inside ||= char >= pattern[i]! && char <= pattern[i + 2]!;
      i += 2;
    } else inside ||= pattern[i] === char;
  }
  return inside !== negated ? close - p + 1 : -1;
}

const MAX_ALTERNATIVES = 1024;

/** `a{b,c}d` → `abd`, `acd`; beyond a thousand alternatives braces stand for themselves. */
function expandBraces(pattern: string): string[] {
  const done: string[] = [];
  const open = [pattern];
  while (open.length > 0 && done.length + open.length < MAX_ALTERNATIVES) {
    const each = open.pop()!;
    const match = /\{([^{}]*)\}/.exec(each);
    if (!match) done.push(each);
    else for (const part of match[1]!.split(',')) open.push(each.slice(0, match.index) + part + each.slice(match.index + match[0].length));
  }
  return [...done, ...open];
}
