/** What is asked about the machine beyond its disk and its network. */
export interface Machine {
  /** Room on the disk of the data directory for whoever asks; `null` when that cannot be found out. */
  freeBytes(): number | null;
  /** How many files and connections this process could have open beside those it has; at most `count` are tried. */
  openFilesUpTo(count: number): number;
}
