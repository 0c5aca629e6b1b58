/** What of the machine builders see besides their inputs: Nix's setting `sandbox-paths`. */
import * as fs from "node:fs";

export interface SandboxPath {
  /** Where builders see it. */
  readonly target: string;
  /** Where it is on this machine. */
  readonly source: string;
}

/** Static shells that distributions have. */
const SHELLS = ["/bin/busybox", "/usr/bin/busybox", "/bin/busybox.static", "/usr/bin/bash-static"];

const ELF_MAGIC = 0x7f454c46;
const PT_INTERP = 3;

/**
 * `TARGET`, `TARGET=SOURCE`, either with a `?` behind it when it need not be there. Nothing given: the
 * first static shell of this machine as `/bin/sh`.
 */
export function sandboxPaths(given: string | undefined, extra = ""): SandboxPath[] {
  const shell = given === undefined ? SHELLS.find(isStaticProgram) : undefined;
  const words = `${given ?? ""} ${extra}`.split(/\s+/).filter((word) => word !== "");
  return [
    ...(shell === undefined ? [] : [{ target: "/bin/sh", source: fs.realpathSync(shell) }]),
    ...words.flatMap((word) => {
      const optional = word.endsWith("?");
      const [target = "", source = target] = (optional ? word.slice(0, -1) : word).split("=");
      return optional && !fs.existsSync(source) ? [] : [{ target, source }];
    }),
  ];
}

/** Whether a file is a 64-bit program that needs no loader, whose libraries a sandbox does not have. */
function isStaticProgram(file: string): boolean {
  let fd: number;
  try {
    fd = fs.openSync(file, "r");
  } catch {
    return false;
  }
  try {
    const header = Buffer.alloc(4096);
    fs.readSync(fd, header, 0, header.length, 0);
    const [is64Bit, isLittleEndian] = [header[4] === 2, header[5] === 1];
    if (header.readUInt32BE(0) !== ELF_MAGIC || !is64Bit || !isLittleEndian) return false;
    const start = Number(header.readBigUInt64LE(32));
    const [size, count] = [header.readUInt16LE(54), header.readUInt16LE(56)];
    if (start + size * count > header.length) return false;
    for (let i = 0; i < count; i++)
      if (header.readUInt32LE(start + i * size) === PT_INTERP) return false;
    return true;
  } finally {
    fs.closeSync(fd);
  }
}
