import { expect, test } from "vitest";
import { systemCallFilter } from "./system-call-filter.ts";

const [ALLOW, EPERM, ENOSYS, ENOTSUP] = [0x7fff0000, 0x50001, 0x50026, 0x5005f];
const [X86_64, I386, AARCH64] = [0xc000003e, 0x40000003, 0xc00000b7];

/** What the kernel would say to a call. */
function ask(architecture: string, arch: number, call: number, ...args: number[]): number {
  const program = Buffer.from(systemCallFilter(architecture) as Uint8Array);
  const data = Buffer.alloc(64);
  data.writeUInt32LE(call, 0);
  data.writeUInt32LE(arch, 4);
  for (const [n, value] of args.entries()) data.writeUInt32LE(value, 16 + 8 * n);
  let loaded = 0;
  for (let at = 0; ; at++) {
    const [code, k] = [program.readUInt16LE(8 * at), program.readUInt32LE(8 * at + 4)];
    const [yes, no] = [program.readUInt8(8 * at + 2), program.readUInt8(8 * at + 3)];
    if (code === 0x06) return k;
    if (code === 0x20) loaded = data.readUInt32LE(k);
    else if (code === 0x15) at += loaded === k ? yes : no;
    else if (code === 0x35) at += loaded >= k ? yes : no;
    else at += (loaded & k) !== 0 ? yes : no;
  }
}

test("calls that set the set-user-id bit are refused, others of their kind are not", () => {
  for (const [machine, arch, call, place] of [
    ["x64", X86_64, 90, 1],
    ["x64", X86_64, 91, 1],
    ["x64", X86_64, 268, 2],
    ["x64", X86_64, 452, 2],
    ["x64", I386, 15, 1],
    ["x64", I386, 306, 2],
    ["arm64", AARCH64, 52, 1],
    ["arm64", AARCH64, 53, 2],
  ] as const) {
    const mode = (value: number) => ask(machine, arch, call, ...Array(place).fill(0), value);
    expect([mode(0o755), mode(0o4755), mode(0o2755)]).toEqual([ALLOW, EPERM, EPERM]);
  }
});

test("extended attributes are not supported, other machines' calls do not exist", () => {
  expect([187, 188, 196, 197].map((call) => ask("x64", X86_64, call))).toEqual([
    ...[ALLOW, ENOTSUP, ENOTSUP, ALLOW],
  ]);
  expect(ask("x64", X86_64, 0x40000001)).toBe(ENOSYS);
  expect(ask("x64", AARCH64, 1)).toBe(ENOSYS);
  expect(ask("x64", I386, 226)).toBe(ENOTSUP);
  expect(ask("arm64", AARCH64, 13)).toBe(ENOTSUP);
  expect(ask("arm64", X86_64, 1)).toBe(ENOSYS);
  expect(systemCallFilter("riscv64")).toBeUndefined();
});
