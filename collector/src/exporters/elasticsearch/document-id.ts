/**
 * Makes the `_id` of documents: the journal's uuid, the position of the frame and the ordinal in it, which together name
 * an item for ever; in base64url, 24 to 31 characters. What an item has several of is numbered behind that.
 */
export class DocumentIds {
  private readonly journal: Buffer;

  constructor(journalId: string) {
    this.journal = Buffer.from(journalId.replaceAll('-', ''), 'hex');
    if (this.journal.length !== 16) throw new Error(`journal id is no uuid: ${journalId}`);
  }

  of(position: number, ...numbers: readonly number[]): string {
    const bytes = [...this.journal];
    for (const number of [position, ...numbers]) {
      let rest = number;
      for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
      bytes.push(rest);
    }
    return Buffer.from(bytes).toString('base64url');
  }
}
