/**
 * | code | when | remedy |
 * |---|---|---|
 * | SBX_JOURNAL_IN_USE | another process has the directory's lock | stop it, or take another data directory |
 * | SBX_JOURNAL_NEWER | written by a newer version | upgrade, or take another data directory |
 * | SBX_JOURNAL_NOT_WRITABLE | the directory cannot be made or written | mend its permissions |
 * | SBX_JOURNAL_MISSING | a reader found no journal | start the process that writes it |
 * | SBX_JOURNAL_FULL | the disk is full, or nearly | free space |
 * | SBX_JOURNAL_WRITE_FAILED | the disk refused a write or a sync | look at the disk; retry |
 * | SBX_JOURNAL_CLOSED | used after close() | |
 * | SBX_JOURNAL_SETTINGS | a setting is out of range | |
 * | SBX_JOURNAL_FRAME_INVALID | what was handed to append() breaks a limit of the format | |
 * | SBX_JOURNAL_TENANTS | one tenant more than the limit | raise maxTenants |
 * | SBX_JOURNAL_CURSOR | a cursor is damaged, or was told to go backward | |
 */
export type JournalErrorCode =
  | 'SBX_JOURNAL_IN_USE'
  | 'SBX_JOURNAL_NEWER'
  | 'SBX_JOURNAL_NOT_WRITABLE'
  | 'SBX_JOURNAL_MISSING'
  | 'SBX_JOURNAL_FULL'
  | 'SBX_JOURNAL_WRITE_FAILED'
  | 'SBX_JOURNAL_CLOSED'
  | 'SBX_JOURNAL_SETTINGS'
  | 'SBX_JOURNAL_FRAME_INVALID'
  | 'SBX_JOURNAL_TENANTS'
  | 'SBX_JOURNAL_CURSOR';

export class JournalError extends Error {
  constructor(readonly code: JournalErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'JournalError';
  }
}

/** The `code` of a Node error (`ENOENT`…), or ''. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** What a failed system call on the journal's files means to people. */
export function writeError(error: unknown, dir: string): JournalError {
  const code = systemCode(error);
  const text = error instanceof Error ? error.message : String(error);
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return new JournalError('SBX_JOURNAL_FULL', `the journal in ${dir} could not be written, its disk is full (${text}): free space, or lower journal.max_bytes; the sender may retry`, { cause: error });
  }
  return new JournalError('SBX_JOURNAL_WRITE_FAILED', `the journal in ${dir} could not be written (${text}): check the disk and the system's log; the sender may retry`, { cause: error });
}

const NOT_WRITABLE = new Set(['EACCES', 'EPERM', 'ENOENT', 'EROFS', 'ENOTDIR', 'EEXIST', 'ELOOP', 'ENAMETOOLONG']);

/** What a failure to set up the directory means to people. */
export function openError(error: unknown, dir: string): unknown {
  if (error instanceof JournalError || !NOT_WRITABLE.has(systemCode(error))) return error instanceof JournalError ? error : writeError(error, dir);
  const text = error instanceof Error ? error.message : String(error);
  return new JournalError('SBX_JOURNAL_NOT_WRITABLE', `the journal's directory ${dir} is not writable (${text}): let this user own it (chown, chmod), mount it writable, or choose another data directory`, { cause: error });
}
