/**
 * Calls to what runs elsewhere: in a Worker. Arguments and answers are data; memory of an answer is moved, not copied.
 */
export interface Channel {
  /**
   * The answer. Failures come over as what they were: a `KliteError` with its code, a broken invariant as one.
   * `STORE_UNAVAILABLE`, retriable, when the other side ended before it answered: the call may or may not have taken
   * effect.
   */
  call(name: string, argument: unknown): Promise<unknown>;
  /** Lets calls under way end if they do soon, then the other side; what it cuts short fails as if that had died. */
  close(): Promise<void>;
}

/** What a call is answered with. */
export interface ChannelAnswer {
  readonly value: unknown;
  /** Memory of the value that moves with it and is gone here. */
  readonly moved: readonly ArrayBuffer[];
}

/** The other side of a {@link Channel}. Calls may overlap. */
export interface ChannelEnd {
  answer(name: string, argument: unknown): Promise<ChannelAnswer>;
  close(): Promise<void>;
}
