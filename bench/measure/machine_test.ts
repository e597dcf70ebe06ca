import assert from "node:assert/strict";
import { filesystemOf } from "./machine.ts";

const MOUNTS = `/dev/a / ext4 rw 0 0
tmpfs /data tmpfs rw 0 0
/dev/b /data/broker xfs rw 0 0
`;

Deno.test("a path belongs to the deepest mount above it", () => {
  assert.equal(filesystemOf("/data/broker/0", MOUNTS), "xfs");
  assert.equal(filesystemOf("/data/brokers", MOUNTS), "tmpfs");
  assert.equal(filesystemOf("/database", MOUNTS), "ext4");
});

Deno.test("of two mounts on one place the later one counts, and no mount is told as such", () => {
  assert.equal(filesystemOf("/x", "a / ext4 rw\nb / btrfs rw\n"), "btrfs");
  assert.equal(filesystemOf("/x", ""), "unknown");
});
