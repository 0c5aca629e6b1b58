/** The expressions of `cases/`: one a line, or between lines of four dashes. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Where expressions are evaluated: `./files` is beside it. */
export const folder = import.meta.dirname;

export interface CaseFile {
  name: string;
  expressions: string[];
}

export function caseFiles(): CaseFile[] {
  const files = readdirSync(join(folder, "cases")).sort();
  return files.map((file) => {
    const text = readFileSync(join(folder, "cases", file), "utf8");
    const expressions = text.includes("\n----\n")
      ? text.replace(/\n$/, "").split("\n----\n")
      : text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    return { name: file.replace(".nix.txt", ""), expressions };
  });
}
