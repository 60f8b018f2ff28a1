import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, type YAMLMap } from 'yaml';
import { expandEnvironment, scalarFromText, type Environment } from './environment.js';
import { mistakeAt, type ConfigMistake } from '../error.js';
import type { ConfigPlace, LinePosition } from '../place.js';

/** A configuration is written by people: what is larger than this is something else. */
const MAX_TEXT_LENGTH = 1 << 20;
/** With what aliases expand to. */
const MAX_NODES = 100_000;
const MAX_DEPTH = 64;
/** The parser goes on behind a mistake, and mostly finds what follows from it. */
const MAX_MISTAKES_OF_YAML = 3;

interface Entry {
  value: LinePosition | null;
  key: LinePosition | null;
  text?: string;
  /** Stands in place of the file where an environment variable has set the value. */
  file?: string;
}

export interface ConfigDocument {
  /** Plain objects, arrays and scalars, with references to the environment replaced. */
  readonly value: unknown;
  readonly root: ConfigPlace;
  readonly mistakes: readonly ConfigMistake[];
  /** Notes that an environment variable has set the value at `path`. */
  overridden(path: readonly string[], variable: string, text: string): void;
}

/** Reads YAML, with the place of every value. Never throws: mistakes are in the answer. */
export function readDocument(text: string, file: string, env: Environment): ConfigDocument {
  const entries = new Map<string, Entry>();
  const root = new DocumentPlace(file, [], entries);
  const document = (value: unknown, mistakes: readonly ConfigMistake[]): ConfigDocument => ({
    value,
    root,
    mistakes,
    overridden: (path, variable, set) => void entries.set(keyOf(path), { value: null, key: null, text: set, file: `environment variable ${variable}` }),
  });
  if (text.length > MAX_TEXT_LENGTH) {
    return document({}, [mistakeAt(root, 'SBX_CONFIG_TOO_LARGE', `the file has ${text.length} characters, more than ${MAX_TEXT_LENGTH}.`)]);
  }
  const tooDeep = nestingMistake(text, root);
  if (tooDeep) return document({}, [tooDeep]);

  const lines = new LineCounter();
  const yaml = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'silent' });
  if (yaml.errors.length > 0) {
    const mistakes = yaml.errors.slice(0, MAX_MISTAKES_OF_YAML).map((error): ConfigMistake => {
      const position = lines.linePos(error.pos[0]);
      return { ...mistakeAt(root, 'SBX_CONFIG_YAML', `not valid YAML: ${error.message}.`), line: position.line, column: position.col };
    });
    return document({}, mistakes);
  }
  const walk = new Walk(file, entries, lines, env);
  const value = yaml.contents === null ? {} : walk.value(yaml.contents, []);
  return document(value ?? {}, walk.mistakes);
}

class Walk {
  readonly mistakes: ConfigMistake[] = [];
  readonly #anchors = new Map<string, Node>();
  #nodes = 0;
  #stopped = false;

  constructor(
    readonly file: string,
    readonly entries: Map<string, Entry>,
    readonly lines: LineCounter,
    readonly env: Environment,
  ) {}

  value(node: unknown, path: readonly (string | number)[]): unknown {
    if (node === null || node === undefined || this.#stopped) return null;
    const entry = this.#entry(path);
    if (isAlias(node)) {
      entry.value ??= this.#position(node.range?.[0]);
      const target = this.#anchors.get(node.source);
      if (target) return this.value(target, path);
      this.#mistake(path, 'SBX_CONFIG_YAML', `nothing above is marked &${node.source}.`);
      return null;
    }
    if (!isMap(node) && !isSeq(node) && !isScalar(node)) return null;
    entry.value ??= this.#position(node.range?.[0]);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (++this.#nodes > MAX_NODES || path.length > MAX_DEPTH) {
      this.#stopped = true;
      this.#mistake(path, 'SBX_CONFIG_TOO_LARGE', path.length > MAX_DEPTH ? `nested more than ${MAX_DEPTH} deep.` : `more than ${MAX_NODES} values, aliases counted in full.`);
      return null;
    }
    if (isSeq(node)) return node.items.map((item, i) => this.value(item, [...path, i]));
    if (isMap(node)) return this.#map(node, path);
    return typeof node.value === 'string' ? this.#expand(node.value, path, entry) : node.value;
  }

  #map(node: YAMLMap, path: readonly (string | number)[]): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    const merged: unknown[] = [];
    for (const pair of node.items) {
      const keyNode: unknown = pair.key;
      const position = isScalar(keyNode) ? this.#position(keyNode.range?.[0]) : null;
      const key = isScalar(keyNode) && (typeof keyNode.value !== 'object' || keyNode.value === null) ? String(keyNode.value ?? '') : null;
      if (key === null || key === '__proto__') {
        this.#mistake(path, 'SBX_CONFIG_YAML', key === null ? 'a key must be a word.' : `'${key}' cannot be a key.`, position);
      } else if (key === '<<') {
        merged.push(pair.value);
      } else {
        const childPath = [...path, key];
        this.#entry(childPath).key = position;
        out[key] = this.value(pair.value, childPath);
      }
    }
    for (const source of merged.flatMap((value) => (isSeq(value) ? value.items : [value]))) {
      const from = this.value(source, path);
      if (typeof from === 'object' && from !== null && !Array.isArray(from)) {
        for (const [key, value] of Object.entries(from)) if (!(key in out)) out[key] = value;
      } else {
        this.#mistake(path, 'SBX_CONFIG_YAML', 'only maps can be merged with <<.');
      }
    }
    return out;
  }

  #expand(text: string, path: readonly (string | number)[], entry: Entry): unknown {
    const expansion = expandEnvironment(text, this.env);
    for (const mistake of expansion.mistakes) this.#mistake(path, 'SBX_CONFIG_ENV', `${mistake}.`);
    if (!expansion.whole || expansion.mistakes.length > 0) return expansion.text;
    entry.text = expansion.text;
    return scalarFromText(expansion.text);
  }

  #entry(path: readonly (string | number)[]): Entry {
    const key = keyOf(path);
    let entry = this.entries.get(key);
    if (!entry) this.entries.set(key, (entry = { value: null, key: null }));
    return entry;
  }

  #position(offset: number | undefined): LinePosition | null {
    if (offset === undefined) return null;
    const { line, col } = this.lines.linePos(offset);
    return { line, column: col };
  }

  #mistake(path: readonly (string | number)[], code: ConfigMistake['code'], message: string, position: LinePosition | null = null): void {
    const mistake = mistakeAt(new DocumentPlace(this.file, path, this.entries), code, message);
    this.mistakes.push(position === null ? mistake : { ...mistake, line: position.line, column: position.column });
  }
}

class DocumentPlace implements ConfigPlace {
  readonly #fallback: string;
  readonly #entries: ReadonlyMap<string, Entry>;

  constructor(file: string, readonly path: readonly (string | number)[], entries: ReadonlyMap<string, Entry>) {
    this.#fallback = file;
    this.#entries = entries;
  }

  get file(): string {
    return this.#entries.get(keyOf(this.path))?.file ?? this.#fallback;
  }

  child(key: string | number): ConfigPlace {
    return new DocumentPlace(this.#fallback, [...this.path, key], this.#entries);
  }

  position(): LinePosition | null {
    for (let length = this.path.length; length >= 0; length--) {
      const entry = this.#entries.get(keyOf(this.path.slice(0, length)));
      if (entry?.file !== undefined) return null;
      if (entry?.value ?? entry?.key) return entry.value ?? entry.key;
    }
    return null;
  }

  keyPosition(): LinePosition | null {
    return this.#entries.get(keyOf(this.path))?.key ?? null;
  }

  text(): string | undefined {
    return this.#entries.get(keyOf(this.path))?.text;
  }
}

function keyOf(path: readonly (string | number)[]): string {
  return path.join('\u0000');
}

/** The parser recurses: what opens brackets without end must not reach it. Counts brackets in strings too, which is harmless. */
function nestingMistake(text: string, root: ConfigPlace): ConfigMistake | null {
  let depth = 0;
  let line = 1;
  let indicators = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '\n') {
      line++;
      indicators = 0;
    } else if (c === '[' || c === '{') depth++;
    else if (c === ']' || c === '}') depth = Math.max(0, depth - 1);
    else if ((c === '-' || c === '?' || c === ':') && /\s/.test(text[i + 1] ?? '\n')) indicators++;
    if (depth > MAX_DEPTH * 4 || indicators > MAX_DEPTH * 4) {
      return { ...mistakeAt(root, 'SBX_CONFIG_TOO_LARGE', `nested more than ${MAX_DEPTH} deep.`), line };
    }
  }
  return null;
}
