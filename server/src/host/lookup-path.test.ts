import { expect, test } from "vitest";
import { absoluteEntries, lookup } from "./lookup-path.ts";

const kind = (path: string) =>
  ["/b/x.nix", "/n/lib", "/n"].includes(path) ? ("file" as const) : null;

test("prefixes match whole components, and what is not there is passed over", () => {
  const entries = ["nixpkgs=/gone", "nixpkgs=/n", "/a", "/b"];
  expect(lookup(entries, "nixpkgs/lib", kind)).toBe("/n/lib");
  expect(lookup(entries, "nixpkgs", kind)).toBe("/n");
  expect(lookup(entries, "nixpkgs2", kind)).toBeNull();
  expect(lookup(entries, "x.nix", kind)).toBe("/b/x.nix");
  expect(lookup(["u=https://h/x.nix"], "u", () => "file")).toBeNull();
});

test("relative entries start at the workspace folder", () => {
  const entries = ["a=b/../c", "./d", "/e", "f=/g", "h=channel:i", "https://j/k"];
  expect(absoluteEntries(entries, "/w")).toEqual([
    "a=/w/c",
    "/w/d",
    "/e",
    "f=/g",
    "h=channel:i",
    "https://j/k",
  ]);
  expect(absoluteEntries(["a=b"], null)).toEqual(["a=b"]);
});
