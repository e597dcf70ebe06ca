/** What producers have written to a partition and consumers have read from it, since the broker started. */
export class Traffic {
  recordsIn = 0;
  bytesIn = 0;
  recordsOut = 0;
  bytesOut = 0;

  add(other: Traffic): void {
    this.recordsIn += other.recordsIn;
    this.bytesIn += other.bytesIn;
    this.recordsOut += other.recordsOut;
    this.bytesOut += other.bytesOut;
  }
}
