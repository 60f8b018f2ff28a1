/** The sign of Signalbox: a semaphore. */
export function Mark() {
  return (
    <svg width="20" height="20" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#0d5c63" /><path d="M10 26V7" stroke="#fff" strokeWidth="3" strokeLinecap="round" />
      <path d="M10 9h12.5l-2.6 3 2.6 3H10z" fill="#ffb84d" /><circle cx="10" cy="21" r="3.2" fill="#fff" />
    </svg>
  );
}
