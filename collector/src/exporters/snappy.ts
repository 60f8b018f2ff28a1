import type * as Snappy from 'snappy';

let loading: Promise<typeof Snappy> | null = null;

/**
 * Snappy's block format. The native add-on is loaded when first needed: every role reads the configuration, and with it
 * every factory, but only one delivers.
 */
export async function snappyBlock(bytes: Uint8Array): Promise<Buffer> {
  const { compress } = await (loading ??= import('snappy'));
  return compress(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
