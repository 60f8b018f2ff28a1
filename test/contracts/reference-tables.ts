import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';

/** What lies between `<!-- reference: NAME -->` and `<!-- end -->` of a page is made from the code. */
const TABLE = /(<!-- reference: ([\w.]+) -->\n)[\s\S]*?(<!-- end -->)/g;

/**
 * Holds the tables of a page against those that the code makes: each once, and no others. With UPDATE_DOCS=1 it writes them.
 * Answers the names of the page's tables, sorted.
 */
export function holdTables(page: string, tables: Readonly<Record<string, string>>): readonly string[] {
  const written = readFileSync(page, 'utf8');
  const seen: string[] = [];
  const generated = written.replace(TABLE, (_whole, begin: string, name: string, end: string) => {
    seen.push(name);
    return `${begin}${tables[name] ?? `unknown: ${name}`}\n${end}`;
  });
  assert.deepEqual(seen.sort(), Object.keys(tables).sort());
  if (process.env['UPDATE_DOCS']) writeFileSync(page, generated);
  assert.equal(process.env['UPDATE_DOCS'] ? generated : written, generated);
  return seen;
}
