/**
 * Nesting of arrays and maps in attribute values and bodies that a receiver accepts unless told otherwise. A value that
 * is no array or map has depth 0.
 */
export const DEFAULT_MAX_DEPTH = 32;

/**
 * The most that can be set, and what the decoders accept: whatever a receiver let into the journal can be read back,
 * and no input reaches the end of the stack.
 */
export const MAX_DEPTH_CEILING = 128;

/** Key-value pairs in one span, log record or data point, nested ones and those of events and links included. */
export const DEFAULT_MAX_ATTRIBUTES_PER_ITEM = 16_384;

/** Items in one request: bounds what a request of tiny items becomes when it is decoded. */
export const DEFAULT_MAX_ITEMS = 500_000;

/** Rejected items in one request; beyond, the request as a whole is refused. */
export const DEFAULT_MAX_REJECTED = 10_000;
