/** Whether a value can be sent to another thread: functions, symbols and proxies cannot. */
export function sendable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}
