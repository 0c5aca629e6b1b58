/** Remembers what was built of a file, for the editor to compare with. */
import { bytesToText } from "../base/bytes.ts";
import { type BuiltMember, LastBuilds } from "../build/last-builds.ts";
import type { BuildCommandOptions } from "./build-options.ts";
import { privateStore } from "./engine.ts";
import type { EvaluatedInstallables } from "./evaluate-installables.ts";

export function recordBuild(
  { store, targets }: EvaluatedInstallables,
  options: BuildCommandOptions,
): void {
  const files = new Map<string, Record<string, BuiltMember>>();
  for (const { drvPath, source } of targets) {
    if (source === null) continue;
    const members = files.get(source.file) ?? {};
    files.set(source.file, members);
    const name = bytesToText(store.readDerivation(drvPath).name);
    members[source.attribute] = { name, drvPath: bytesToText(drvPath) };
  }
  const builds = new LastBuilds(privateStore(options));
  for (const [file, members] of files) builds.add(file, members);
}
