/** Where in a configuration a value stands, for messages that name the line and the path. */
export interface ConfigPlace {
  /** The file, or a description such as `(built-in default)` or `environment variable SIGNALBOX_STORE_DIR`. */
  readonly file: string;
  /** Keys from the root, such as ['exporters', 'loki', 'endpoint']. */
  readonly path: readonly (string | number)[];
  /** The place of a child key. */
  child(key: string | number): ConfigPlace;
  /** Line and column (from 1) of the value, or of its nearest parent that the file has; null when not from a file. */
  position(): LinePosition | null;
  /** Line and column of the key in front of the value, for keys that should not be there. */
  keyPosition?(): LinePosition | null;
  /** The text of a scalar that came whole out of an environment variable and was given a type since: `12345`. */
  text?(): string | undefined;
  /** Says of the place what is worth a word and keeps nothing from starting. */
  warn?(text: string): void;
}

/** Both count from 1. */
export interface LinePosition {
  readonly line: number;
  readonly column: number;
}

/** A place outside any file, for configurations that programs and tests put together. */
export function detachedPlace(file: string, path: readonly (string | number)[] = []): ConfigPlace {
  return {
    file,
    path,
    child: (key) => detachedPlace(file, [...path, key]),
    position: () => null,
  };
}

/** The same place, and all below it, with warnings going to `warn`. */
export function warningPlace(place: ConfigPlace, warn: (place: ConfigPlace, text: string) => void): ConfigPlace {
  return {
    file: place.file,
    path: place.path,
    child: (key) => warningPlace(place.child(key), warn),
    position: () => place.position(),
    keyPosition: () => place.keyPosition?.() ?? null,
    text: () => place.text?.(),
    warn: (text) => warn(place, text),
  };
}

/** `exporters.loki/second.headers[0]` */
export function pathText(path: readonly (string | number)[]): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else text += text === '' ? key : `.${key}`;
  }
  return text;
}
