/** How clients that took the port for another one begin. */
const STRANGERS: readonly { readonly begins: readonly number[]; readonly what: string }[] = [
  { begins: [0x16, 0x03], what: "a TLS handshake; this listener speaks plain text" },
  {
    begins: [...new TextEncoder().encode("GET ")],
    what: "an HTTP request; this is the port for Kafka clients",
  },
  {
    begins: [...new TextEncoder().encode("POST")],
    what: "an HTTP request; this is the port for Kafka clients",
  },
];

/** `fault`, and what the client seems to speak, where its first bytes tell. */
export function explainBadFrame(fault: string, firstBytes: Uint8Array): string {
  const stranger = STRANGERS.find(({ begins }) => begins.every((byte, index) => firstBytes[index] === byte));
  return stranger === undefined ? fault : `${fault}; it looks like ${stranger.what}`;
}
