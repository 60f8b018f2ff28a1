/** Values by tag, as typed JSON; null where they are too many or too long to list. */
export type TagsJson = Readonly<Record<string, readonly string[] | null>>;

const MAX_VALUES = 100;
const MAX_VALUE_LENGTH = 256;

/** Tags and, of those with few values, all values: what completion asks for. */
export class Tags {
  /** Some tags did not fit. */
  truncated = false;
  private readonly tags = new Map<string, Set<string> | null>();
  private values = 0;

  /** At most `limit` tags, and as many values of all tags together. */
  constructor(private readonly limit: number) {}

  /** Whether values of the tag are still collected. */
  listed(tag: string): boolean {
    return this.tags.get(tag) !== null;
  }

  /** Arrays, maps and bytes are no values that are listed. */
  add(tag: string, valueJson: string): void {
    const values = this.get(tag);
    if (!values || valueJson.startsWith('[') || valueJson.startsWith('{') || valueJson === 'null' || values.has(valueJson)) return;
    if (values.size >= MAX_VALUES || valueJson.length > MAX_VALUE_LENGTH || this.values >= this.limit) {
      this.tags.set(tag, null);
      this.values -= values.size;
      return;
    }
    values.add(valueJson);
    this.values++;
  }

  addAll(other: TagsJson): void {
    for (const [tag, values] of Object.entries(other)) {
      if (values === null) {
        this.values -= this.get(tag)?.size ?? 0;
        if (this.tags.has(tag)) this.tags.set(tag, null);
      } else {
        this.get(tag);
        for (const value of values) this.add(tag, value);
      }
    }
  }

  toJson(): TagsJson {
    return Object.fromEntries([...this.tags].map(([tag, values]) => [tag, values && [...values]]));
  }

  /** null for a tag without a list, undefined for one that does not fit. */
  private get(tag: string): Set<string> | null | undefined {
    let values = this.tags.get(tag);
    if (values !== undefined) return values;
    if (this.tags.size >= this.limit) {
      this.truncated = true;
      return undefined;
    }
    this.tags.set(tag, (values = new Set()));
    return values;
  }
}
