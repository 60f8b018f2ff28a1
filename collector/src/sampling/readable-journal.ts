import type { JournalReader } from '@signalbox/journal/reader';

/** What readers need of the journal. */
export type ReadableJournal = Pick<JournalReader, 'dir' | 'id' | 'trail' | 'durable' | 'read' | 'wait' | 'close'>;
