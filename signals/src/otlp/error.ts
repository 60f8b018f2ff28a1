/**
 * OTLP input that cannot be read. The message says where: a byte offset for protobuf, a path such as
 * `$.resourceSpans[0].scopeSpans[0].spans[3].traceId` for JSON. Receivers answer it with INVALID_ARGUMENT / 400;
 * the same bytes fail again, so it is not worth a retry.
 */
export class OtlpError extends Error {
  readonly code = 'SBX_OTLP_MALFORMED';

  private constructor(
    message: string,
    /** Offset into the bytes that were handed in, for protobuf; otherwise null. */
    readonly offset: number | null,
    /** For JSON; otherwise null. */
    readonly path: string | null,
  ) {
    super(message);
    this.name = 'OtlpError';
  }

  static atByte(what: string, offset: number): OtlpError {
    return new OtlpError(`${what} at byte ${offset}`, offset, null);
  }

  static atPath(what: string, path: string): OtlpError {
    return new OtlpError(`${path}: ${what}`, null, path);
  }
}
