/** Why compressed bytes could not be expanded: not of the codec's format, or larger than allowed. */
export type CompressionFault = "corrupt" | "too large";
