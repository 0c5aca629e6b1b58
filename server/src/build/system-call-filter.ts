/**
 * The filter of system calls that builders run under, for what takes it from us: what a store object
 * can't hold must not be seen to work in a build. The launcher has the same one built in.
 */

type Instruction = readonly [code: number, jumpTrue: number, jumpFalse: number, k: number];

const [EPERM, ENOSYS, ENOTSUP] = [1, 38, 95];
const [NUMBER, ARCHITECTURE] = [0, 4];
const argument = (n: number) => 16 + 8 * n;

const load = (offset: number): Instruction => [0x20, 0, 0, offset];
const ifEqual = (k: number, yes: number, no: number): Instruction => [0x15, yes, no, k];
const ifAtLeast = (k: number, yes: number, no: number): Instruction => [0x35, yes, no, k];
const ifSet = (k: number, yes: number, no: number): Instruction => [0x45, yes, no, k];
const allow: Instruction = [0x06, 0, 0, 0x7fff0000];
const error = (number: number): Instruction => [0x06, 0, 0, 0x00050000 + number];

/** A call that would set the set-user-id or set-group-id bit is refused. */
const guardMode = (call: number, at: number): Instruction[] => [
  ifEqual(call, 0, 4),
  load(argument(at)),
  ifSet(0o6000, 0, 1),
  error(EPERM),
  allow,
];

/** As on a file system without extended attributes and access control lists. */
const noAttributes = (first: number, last: number): Instruction[] => [
  ifAtLeast(first, 0, 2),
  ifAtLeast(last + 1, 1, 0),
  error(ENOTSUP),
];

const I386 = [
  load(NUMBER),
  ...[...guardMode(15, 1), ...guardMode(94, 1), ...guardMode(306, 2), ...guardMode(452, 2)],
  ...noAttributes(226, 234),
  allow,
];

const X86_64 = [
  load(ARCHITECTURE),
  ifEqual(0xc000003e, I386.length + 2, 0),
  ifEqual(0x40000003, 1, 0),
  error(ENOSYS),
  ...I386,
  load(NUMBER),
  // Its x32 variant.
  ifAtLeast(0x40000000, 0, 1),
  error(ENOSYS),
  ...[...guardMode(90, 1), ...guardMode(91, 1), ...guardMode(268, 2), ...guardMode(452, 2)],
  ...noAttributes(188, 196),
  allow,
];

const AARCH64 = [
  load(ARCHITECTURE),
  ifEqual(0xc00000b7, 1, 0),
  error(ENOSYS),
  load(NUMBER),
  ...[...guardMode(52, 1), ...guardMode(53, 2), ...guardMode(452, 2)],
  ...noAttributes(5, 13),
  allow,
];

/** The program as the kernel takes it; undefined for a machine that there is none for. */
export function systemCallFilter(architecture: string): Uint8Array | undefined {
  const instructions = { x64: X86_64, arm64: AARCH64 }[architecture];
  if (instructions === undefined) return undefined;
  const bytes = Buffer.alloc(8 * instructions.length);
  for (const [i, [code, yes, no, k]] of instructions.entries()) {
    bytes.writeUInt16LE(code, 8 * i);
    bytes.writeUInt8(yes, 8 * i + 2);
    bytes.writeUInt8(no, 8 * i + 3);
    bytes.writeUInt32LE(k, 8 * i + 4);
  }
  return bytes;
}
