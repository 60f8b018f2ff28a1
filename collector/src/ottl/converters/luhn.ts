/** Whether the digits of the text, spaces and hyphens left out, carry a valid check digit (ISO/IEC 7812-1, annex B). */
export function luhnValid(text: string): boolean {
  let sum = 0;
  let digits = 0;
  for (let i = text.length - 1; i >= 0; i--) {
    const c = text.charCodeAt(i);
    if (c === 0x20 || c === 0x2d) continue;
    if (c < 0x30 || c > 0x39) return false;
    const digit = c - 0x30;
    const doubled = digits % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
    digits++;
  }
  return digits > 1 && sum % 10 === 0;
}
