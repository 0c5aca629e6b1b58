/** A derivation as a text for people: what it makes, runs, needs and sees. */
import type { ByteString } from "../base/bytes.ts";
import { type Derivation, outputPathOf } from "./derivation.ts";
import { printHash } from "./hash.ts";

function quoted(text: ByteString): ByteString {
  return /^[A-Za-z0-9@%+=:,./_-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, "\\$&")}"`;
}

function section(title: string, lines: readonly ByteString[]): ByteString {
  if (lines.length === 0) return "";
  return `\n${title}\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

export function showDerivation(drvPath: ByteString, drv: Derivation): ByteString {
  const outputs = Array.from(drv.outputs, ([name, output]) => {
    const path = outputPathOf(output) ?? "(known when built)";
    if (output.kind !== "fixed") return `${name}: ${path}`;
    const recursive = output.method === "flat" ? "" : `, ${output.method}`;
    return `${name}: ${path} (fixed: ${printHash(output.hash, "sri")}${recursive})`;
  });
  const environment = Array.from(drv.env, ([name, value]) =>
    value.includes("\n")
      ? `${name} =\n${value
          .replace(/\n$/, "")
          .split("\n")
          .map((line) => `    ${line}`)
          .join("\n")}`
      : `${name} = ${value}`,
  );
  return [
    `${drv.name}\n${drvPath}\n`,
    section("Outputs", outputs),
    section("Runs", [[drv.builder, ...drv.args].map(quoted).join(" "), `on ${drv.system}`]),
    section(
      "Needs derivations",
      Array.from(drv.inputDrvs, ([path, names]) => `${path} (${names.join(", ")})`),
    ),
    section("Needs sources", drv.inputSrcs),
    section("Environment", environment),
  ].join("");
}
