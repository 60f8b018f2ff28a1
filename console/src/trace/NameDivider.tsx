import type { KeyboardEvent, PointerEvent } from 'react';

const LEAST = 0.18;
const MOST = 0.75;

/** The line between names and bars, moved by the pointer or the arrow keys. */
export function NameDivider({ share, change }: { readonly share: number; readonly change: (share: number) => void }) {
  const set = (next: number): void => { change(Math.min(MOST, Math.max(LEAST, next))); };
  const move = (event: PointerEvent<HTMLDivElement>): void => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const box = event.currentTarget.parentElement?.getBoundingClientRect();
    if (box) set((event.clientX - box.left) / box.width);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    event.preventDefault();
    set(share + (event.key === 'ArrowLeft' ? -0.02 : 0.02));
  };
  return (
    <div className="name-divider" role="separator" aria-orientation="vertical" aria-label="Width of the names" aria-valuenow={Math.round(share * 100)} aria-valuemin={LEAST * 100} aria-valuemax={MOST * 100} tabIndex={0}
      style={{ left: `${share * 100}%` }} onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); }} onPointerMove={move} onKeyDown={onKey} />
  );
}
