/** A copy of the package set with its tools, which come from this machine's Debian packages. */
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

/** Program to Debian package: what must be installed. */
const NEEDED = {
  "/usr/bin/bash-static": "bash-static",
  "/usr/bin/busybox": "busybox-static",
  "/usr/bin/tcc": "tcc",
  "/usr/lib/x86_64-linux-musl/libc.a": "musl-dev",
};

/** @param directory is made; `import directory { }` is the set then */
export function prepareWorld(directory: string): void {
  for (const [file, debian] of Object.entries(NEEDED))
    if (!fs.existsSync(file)) throw new Error(`no ${file}: install ${debian}`);
  fs.cpSync(import.meta.dirname, directory, {
    recursive: true,
    filter: (source) => !source.endsWith(".ts") && path.basename(source) !== "tools",
  });
  const tools = path.join(directory, "tools");
  const copy = (from: string, to: string) =>
    // Links are followed, so that the tools stand for themselves.
    fs.cpSync(fs.realpathSync(from), path.join(tools, to), { recursive: true, dereference: true });
  copy("/usr/bin/bash-static", "bin/bash");
  copy("/usr/bin/busybox", "bin/busybox");
  copy("/usr/bin/tcc", "cc/bin/tcc");
  for (const line of execFileSync("ldd", ["/usr/bin/tcc"], { encoding: "utf8" }).split("\n")) {
    const [, name, file] = /^\s*(\S+) => (\/\S+)/.exec(line) ?? [];
    if (name !== undefined && file !== undefined) copy(file, `cc/glibc/lib/${name}`);
  }
  copy("/lib64/ld-linux-x86-64.so.2", "cc/glibc/lib/ld.so");
  copy("/usr/lib/x86_64-linux-gnu/tcc/include", "cc/tcc/include");
  copy("/usr/lib/x86_64-linux-gnu/tcc/libtcc1.a", "cc/tcc/libtcc1.a");
  for (const name of ["crt1.o", "crti.o", "crtn.o", "libc.a", "libm.a"])
    copy(`/usr/lib/x86_64-linux-musl/${name}`, `cc/musl/lib/${name}`);
  copy("/usr/include/x86_64-linux-musl", "cc/musl/include");
}
