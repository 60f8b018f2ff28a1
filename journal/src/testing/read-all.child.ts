/** Run by tests: reads a journal from its beginning up to the durable position; prints each frame's number and its payload's length. */
import { JournalReader } from '../reader.js';

const reader = await JournalReader.open(process.argv[2]!);
for (let at = 0; at < reader.durable(); ) {
  const { frames, next } = await reader.read(at, { maxBytes: 1 << 20, wants: () => true });
  for (const frame of frames) process.stdout.write(`${frame.payload.readUInt32LE(0)} ${frame.payload.length}\n`);
  at = next;
}
await reader.close();
