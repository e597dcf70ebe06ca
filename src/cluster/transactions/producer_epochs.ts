/** No epoch is known. */
export const NO_EPOCH = -1;

/** The largest epoch is for fencing alone, so that there is always one more than a client was given. */
const EPOCH_MAX = 32767;

/** Whether a producer of this epoch needs a new producer id rather than the next epoch. */
export function isExhausted(epoch: number): boolean {
  return epoch >= EPOCH_MAX - 1;
}
