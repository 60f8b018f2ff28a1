/** A string as an SQL literal. DuckDB's plain strings know one escape: the doubled quote. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A 32-digit hex trace id as a UUID literal. The caller has checked the digits. */
export function uuidLiteral(hex: string): string {
  return `'${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}'::UUID`;
}

/** Files for `read_parquet`. */
export function fileList(paths: readonly string[]): string {
  return `[${paths.map(literal).join(', ')}]`;
}
