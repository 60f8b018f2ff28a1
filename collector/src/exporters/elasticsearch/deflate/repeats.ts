const FIRST_ROOM = 4096;
const FIELDS = 3;

/**
 * Where a text says what it said before: places that whoever writes it knows, ascending, none over another. For each of them the same
 * bytes stand at its source. One that goes on with the one before is joined to it.
 */
export class Repeats {
  private places = new Int32Array(FIRST_ROOM * FIELDS);
  private used = 0;
  /** How many bytes they are together. */
  bytes = 0;

  get count(): number {
    return this.used / FIELDS;
  }

  /** The bytes from `at` are the same as those from `source`, which is in front of it. */
  add(at: number, length: number, source: number): void {
    const { used } = this;
    if (used + FIELDS > this.places.length) this.grow();
    this.bytes += length;
    const { places } = this;
    if (used > 0) {
      const before = places[used - 2];
      if (places[used - 3] + before === at && places[used - 1] + before === source) {
        places[used - 2] = before + length;
        return;
      }
    }
    places[used] = at;
    places[used + 1] = length;
    places[used + 2] = source;
    this.used = used + FIELDS;
  }

  /** Forgets what is known from `at` on. */
  rewind(at: number): void {
    const { places } = this;
    while (this.used > 0 && places[this.used - 3] >= at) {
      this.bytes -= places[this.used - 2];
      this.used -= FIELDS;
    }
    const beyond = this.used > 0 ? places[this.used - 3] + places[this.used - 2] - at : 0;
    if (beyond <= 0) return;
    places[this.used - 2] -= beyond;
    this.bytes -= beyond;
  }

  clear(): void {
    this.used = this.bytes = 0;
  }

  at(n: number): number {
    return this.places[n * FIELDS];
  }

  length(n: number): number {
    return this.places[n * FIELDS + 1];
  }

  source(n: number): number {
    return this.places[n * FIELDS + 2];
  }

  /** The first one that reaches behind `place`. */
  firstBehind(place: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.at(middle) + this.length(middle) <= place) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private grow(): void {
    const larger = new Int32Array(this.places.length * 2);
    larger.set(this.places);
    this.places = larger;
  }
}
