/** Asks again until the answer is there, for servers that show what they took a little later. The last error tells what was missing. */
export async function eventually<T>(ask: () => Promise<T>, withinMs = 60_000): Promise<T> {
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > deadlineMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

export async function getJson(url: string | URL, headers: Record<string, string> = {}): Promise<unknown> {
  const response = await fetch(url, { headers });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  return JSON.parse(text);
}

/** Now in Unix nanoseconds, with milliseconds' precision, so many seconds ago. */
export function secondsAgoNs(seconds: number): bigint {
  return BigInt(Date.now() - seconds * 1000) * 1_000_000n;
}
