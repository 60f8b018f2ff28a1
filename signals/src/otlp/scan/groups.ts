import type { Scanner } from './scanner.js';

/** Reads one entry of the list in a Scope… message (a span, a log record or a metric), up to `end`. */
export type ScanEntry = (scanner: Scanner, end: number) => void;

/**
 * Walks an Export*ServiceRequest. The three signals agree down to the scopes' lists: ResourceX { resource 1, scope_x 2,
 * schema_url 3 }, ScopeX { scope 1, list 2, schema_url 3 }.
 */
export function scanGroups(scanner: Scanner, scanEntry: ScanEntry): void {
  const end = scanner.bytes.length;
  while (scanner.pos < end) {
    const tag = scanner.tag(end);
    if (tag === 10) scanResourceGroup(scanner, scanner.limit(end), scanEntry);
    else scanner.skip(tag, end);
  }
}

function scanResourceGroup(scanner: Scanner, end: number, scanEntry: ScanEntry): void {
  const first = scanner.items;
  let attributes = 0;
  while (scanner.pos < end) {
    const tag = scanner.tag(end);
    if (tag === 10) attributes += scanner.attributesOf(scanner.limit(end), 10);
    else if (tag === 18) scanScopeGroup(scanner, scanner.limit(end), scanEntry);
    else if (tag === 26) scanner.string(end);
    else scanner.skip(tag, end);
  }
  if (attributes > scanner.limits.maxAttributesPerItem) scanner.rejectFrom(first, `resource of ${scanner.tooManyAttributes()}`);
}

function scanScopeGroup(scanner: Scanner, end: number, scanEntry: ScanEntry): void {
  const first = scanner.items;
  let attributes = 0;
  while (scanner.pos < end) {
    const tag = scanner.tag(end);
    if (tag === 18) scanEntry(scanner, scanner.limit(end));
    else if (tag === 10) attributes += scanner.attributesOf(scanner.limit(end), 26);
    else if (tag === 26) scanner.string(end);
    else scanner.skip(tag, end);
  }
  if (attributes > scanner.limits.maxAttributesPerItem) scanner.rejectFrom(first, `scope of ${scanner.tooManyAttributes()}`);
}
