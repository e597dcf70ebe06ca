/** The version of this program, as `klite version` prints it. */
export const KLITE_VERSION = "0.1.0";
