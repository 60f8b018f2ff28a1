export type TagOperator = '=' | '!=' | '=~' | '!~' | '>' | '>=' | '<' | '<=';

export interface Tag {
  readonly key: string;
  readonly op: TagOperator;
  readonly value: string;
  /** Quoted values are text, even where they look like a number. */
  readonly quoted: boolean;
}

/** What is wrong with the text, and where, counted from 0. */
export class TagError extends Error {
  constructor(message: string, readonly at: number) {
    super(message);
    this.name = 'TagError';
  }
}

/** Reads `key=value key2="v v" key3>=500`. Throws TagError. */
export function parseTags(text: string): readonly Tag[] {
  const tags: Tag[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] ?? '')) {
      at++;
      continue;
    }
    const start = at;
    const key = /^[^\s=!<>~"]*/.exec(text.slice(at))?.[0] ?? '';
    at += key.length;
    if (key === '') throw new TagError(`A tag begins with its name; "${text[at] ?? ''}" is not part of one.`, start);
    const op = /^(?:=~|!~|!=|>=|<=|=|>|<)/.exec(text.slice(at))?.[0] as TagOperator | undefined;
    if (op === undefined) throw new TagError(`After "${key}" comes = and a value, such as ${key}=value.`, at);
    at += op.length;
    const { value, quoted, length } = readValue(text, at, key);
    at += length;
    tags.push({ key, op, value, quoted });
  }
  return tags;
}

function readValue(text: string, at: number, key: string): { readonly value: string; readonly quoted: boolean; readonly length: number } {
  const rest = text.slice(at);
  if (!rest.startsWith('"')) {
    const value = /^[^\s"]*/.exec(rest)?.[0] ?? '';
    if (value === '') throw new TagError(`A value for "${key}" is missing; write ${key}="" for an empty one.`, at);
    return { value, quoted: false, length: value.length };
  }
  const quoted = /^"(?:[^"\\]|\\.)*"/.exec(rest)?.[0];
  if (quoted === undefined) throw new TagError(`The quotation mark after "${key}" is not closed.`, at);
  return { value: quoted.slice(1, -1).replaceAll(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char === 't' ? '\t' : char)), quoted: true, length: quoted.length };
}

/** `key=value` for the form's field, quoted where it must be. */
export function tagText(key: string, value: string): string {
  return /^[^\s"\\]+$/.test(value) ? `${key}=${value}` : `${key}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`;
}
