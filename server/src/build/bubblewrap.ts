/** The same as `server/native/launcher.c` does, as far as bubblewrap can. */
import * as fs from "node:fs";
import { type ByteString, bytesToText } from "../base/bytes.ts";
import type { BuildEnvironment } from "./build-environment.ts";

export interface BubblewrapBuild {
  /** Becomes `/`. */
  readonly root: ByteString;
  /** `ro` or `rw`, what, and where it is below `root`, one after the other. */
  readonly mounts: readonly ByteString[];
  readonly network: boolean;
  readonly cwd: ByteString;
  readonly builder: ByteString;
  readonly environment: BuildEnvironment;
  readonly knowsArgv0: boolean;
}

/** Arguments that stand in a file, which has no limit; each ended by a NUL. The builder's own come behind. */
export function bubblewrapArguments(build: BubblewrapBuild, filterFd: number): ByteString {
  const { root, mounts, network, cwd, builder } = build;
  const base = builder.slice(builder.lastIndexOf("/") + 1);
  const args: ByteString[] = [
    ...["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts"],
    ...(network ? [] : ["--unshare-net"]),
    ...["--uid", "1000", "--gid", "100", "--hostname", "localhost"],
    ...["--die-with-parent", "--as-pid-1", "--cap-drop", "ALL"],
    ...["--bind", root, "/", "--proc", "/proc", "--tmpfs", "/dev/shm"],
  ];
  for (let i = 0; i < mounts.length; i += 3) {
    const [kind, source = "", place = ""] = mounts.slice(i, i + 3);
    const target = place.slice(root.length);
    const isDevice = target.startsWith("/dev/");
    args.push(isDevice ? "--dev-bind" : kind === "ro" ? "--ro-bind" : "--bind", source, target);
  }
  args.push("--seccomp", String(filterFd), "--chdir", cwd);
  if (build.knowsArgv0) args.push("--argv0", base);
  return args.map((each) => `${each}\0`).join("");
}

/** A command line that runs a command where the store is at `/nix/store`. */
export function bubblewrapEnter(
  program: string,
  physicalStoreDir: ByteString,
  command: readonly string[],
): string[] {
  const args: string[] = [];
  const show = (folder: string, except: string) => {
    for (const name of fs.readdirSync(folder === "" ? "/" : folder)) {
      if (name === except) continue;
      const place = `${folder}/${name}`;
      const stat = fs.lstatSync(place, { throwIfNoEntry: false });
      if (stat?.isSymbolicLink()) args.push("--symlink", fs.readlinkSync(place), place);
      else if (stat !== undefined) args.push("--dev-bind", place, place);
    }
  };
  show("", "nix");
  if (fs.existsSync("/nix")) show("/nix", "store");
  args.push("--ro-bind", bytesToText(physicalStoreDir), "/nix/store", "--remount-ro", "/");
  return [program, ...args, "--", ...command];
}
