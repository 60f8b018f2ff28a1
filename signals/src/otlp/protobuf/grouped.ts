import type { Resource, Scope } from '../../model/resource.js';
import { MAX_DEPTH_CEILING } from '../limits.js';
import { ItemCounter } from './items.js';
import { Reader } from './reader.js';
import { readResource, readScope, writeResource, writeScope } from './resource.js';
import { Writer } from './writer.js';

/**
 * The requests of the three signals agree in their outer messages: resources 1 of a request; resource 1, scopes 2 and
 * schema_url 3 of a resource's group; scope 1, items 2 and schema_url 3 of a scope's group.
 */
export interface GroupedReading<Item, ScopeGroup, ResourceGroup> {
  /** Reads the item up to `end`; null leaves it out, with the reader anywhere. */
  readonly item: (reader: Reader, end: number, items: ItemCounter) => Item | null;
  readonly scopeGroup: (scope: Scope | null, schemaUrl: string, items: Item[]) => ScopeGroup;
  readonly resourceGroup: (resource: Resource | null, schemaUrl: string, scopeGroups: ScopeGroup[]) => ResourceGroup;
}

/** @throws OtlpError with the byte offset where the bytes are malformed */
export function readGrouped<Item, ScopeGroup, ResourceGroup>(
  bytes: Uint8Array, skip: readonly number[] | undefined, maxDepth: number | undefined, reading: GroupedReading<Item, ScopeGroup, ResourceGroup>,
): ResourceGroup[] {
  const reader = new Reader(bytes, maxDepth ?? MAX_DEPTH_CEILING);
  const items = new ItemCounter(skip);
  const end = bytes.length;
  const groups: ResourceGroup[] = [];
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 10) groups.push(readResourceGroup(reader, reader.limit(end), items, reading));
    else reader.skip(tag, end);
  }
  return groups;
}

function readResourceGroup<Item, ScopeGroup, ResourceGroup>(reader: Reader, end: number, items: ItemCounter, reading: GroupedReading<Item, ScopeGroup, ResourceGroup>): ResourceGroup {
  let resource: Resource | null = null;
  const scopeGroups: ScopeGroup[] = [];
  let schemaUrl = '';
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 10:
        resource = readResource(reader, reader.limit(end), resource);
        break;
      case 18:
        scopeGroups.push(readScopeGroup(reader, reader.limit(end), items, reading));
        break;
      case 26:
        schemaUrl = reader.string(end);
        break;
      default:
        reader.skip(tag, end);
    }
  }
  return reading.resourceGroup(resource, schemaUrl, scopeGroups);
}

function readScopeGroup<Item, ScopeGroup, ResourceGroup>(reader: Reader, end: number, items: ItemCounter, reading: GroupedReading<Item, ScopeGroup, ResourceGroup>): ScopeGroup {
  let scope: Scope | null = null;
  const read: Item[] = [];
  let schemaUrl = '';
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 10:
        scope = readScope(reader, reader.limit(end), scope);
        break;
      case 18: {
        const itemEnd = reader.limit(end);
        const item = reading.item(reader, itemEnd, items);
        if (item === null) reader.pos = itemEnd;
        else read.push(item);
        break;
      }
      case 26:
        schemaUrl = reader.string(end);
        break;
      default:
        reader.skip(tag, end);
    }
  }
  return reading.scopeGroup(scope, schemaUrl, read);
}

interface Group {
  readonly schemaUrl: string;
}

export interface GroupedWriting<Item, ScopeGroup extends Group & { readonly scope: Scope | null }, ResourceGroup extends Group & { readonly resource: Resource | null }> {
  readonly scopeGroups: (group: ResourceGroup) => readonly ScopeGroup[];
  readonly items: (group: ScopeGroup) => readonly Item[];
  /** Writes the item with its tag. */
  readonly item: (writer: Writer, item: Item) => void;
}

/** The counterpart of `readGrouped`. */
export function writeGrouped<Item, ScopeGroup extends Group & { readonly scope: Scope | null }, ResourceGroup extends Group & { readonly resource: Resource | null }>(
  groups: readonly ResourceGroup[], writing: GroupedWriting<Item, ScopeGroup, ResourceGroup>,
): Uint8Array {
  const writer = new Writer();
  for (let i = groups.length - 1; i >= 0; i--) {
    const group = groups[i];
    const end = writer.mark();
    writer.string(26, group.schemaUrl);
    const scopeGroups = writing.scopeGroups(group);
    for (let j = scopeGroups.length - 1; j >= 0; j--) writeScopeGroup(writer, scopeGroups[j], writing);
    writeResource(writer, 10, group.resource);
    writer.message(10, end);
  }
  return writer.finish();
}

function writeScopeGroup<Item, ScopeGroup extends Group & { readonly scope: Scope | null }, ResourceGroup extends Group & { readonly resource: Resource | null }>(
  writer: Writer, group: ScopeGroup, writing: GroupedWriting<Item, ScopeGroup, ResourceGroup>,
): void {
  const end = writer.mark();
  writer.string(26, group.schemaUrl);
  const items = writing.items(group);
  for (let i = items.length - 1; i >= 0; i--) writing.item(writer, items[i]);
  writeScope(writer, 10, group.scope);
  writer.message(18, end);
}
