/** Where in a configuration a value stands, for messages that name the line and the path. */
export interface ConfigPlace {
  /** The file, or a description such as `(built-in default)`. */
  readonly file: string;
  /** Keys from the root, such as ['exporters', 'loki', 'endpoint']. */
  readonly path: readonly (string | number)[];
  /** The place of a child key. */
  child(key: string | number): ConfigPlace;
  /** Line and column (from 1) of the value, or of its nearest parent that the file has; null when not from a file. */
  position(): { readonly line: number; readonly column: number } | null;
}
