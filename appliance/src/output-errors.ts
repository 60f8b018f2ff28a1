/** What a shell says of a program that was ended by SIGPIPE. */
const BROKEN_PIPE = 141;

/** Ends a command whose output nobody reads any more (`| head`) without a word, and names what else keeps it from being written. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.stderr.write(`signalbox: the output cannot be written: ${error.message}\n`);
    process.exit(error.code === 'EPIPE' ? BROKEN_PIPE : 1);
  });
}

/** What receives and keeps data goes on where nobody reads any more what it says, or where that finds no room. */
export function outliveReader(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}
