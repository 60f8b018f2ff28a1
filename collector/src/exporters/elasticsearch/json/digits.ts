const ZERO = 0x30;

/** By byte: its two hex digits, as the two bytes of a little-endian number. */
export const HEX_PAIRS = Uint16Array.from({ length: 256 }, (_, byte) => hexDigit(byte >>> 4) | (hexDigit(byte & 0xf) << 8));

/** By number below 1,000: its three digits, as the lower three bytes of a little-endian number. */
export const THREE_DIGITS = Int32Array.from({ length: 1000 }, (_, number) => {
  const hundreds = Math.floor(number / 100);
  const tens = Math.floor(number / 10) % 10;
  return (ZERO + hundreds) | ((ZERO + tens) << 8) | ((ZERO + (number % 10)) << 16);
});

function hexDigit(digit: number): number {
  return '0123456789abcdef'.charCodeAt(digit);
}
