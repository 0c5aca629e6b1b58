/** What will be built and fetched, in Nix's words. */
import type { ByteString } from "../base/bytes.ts";
import type { BuildPlan } from "../build/store-engine.ts";

export function printPlan(plan: BuildPlan): ByteString {
  const section = (title: string, paths: readonly ByteString[]) =>
    `${title}\n${paths.map((path) => `  ${path}\n`).join("")}`;
  let text = "";
  const { build, fetch, unknown } = plan;
  if (build.length === 1) text += section("this derivation will be built:", build);
  else if (build.length > 1)
    text += section(`these ${build.length} derivations will be built:`, build);
  if (fetch.length > 0) {
    const sizes = `(${mebibytes(plan.downloadSize)} MiB download, ${mebibytes(plan.narSize)} MiB unpacked)`;
    const what = fetch.length === 1 ? "this path" : `these ${fetch.length} paths`;
    text += section(`${what} will be fetched ${sizes}:`, fetch);
  }
  if (unknown.length > 0) text += section("don't know how to build these paths:", unknown);
  return text;
}

function mebibytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(2);
}
