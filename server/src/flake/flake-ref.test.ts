import { expect, test } from "vitest";
import { checkRef, flakeRefToUrl, parseFlakeRef } from "./flake-ref.ts";

const REV = "975e54c3f14391e51362486a873e27f2e32798d5";
const HASH = "sha256-9/u+sifkP2cPSphlTuF5Ae6WQZW66EnueOrKz0DsjP0=";
const HASH_IN_URL = "sha256-9/u%2BsifkP2cPSphlTuF5Ae6WQZW66EnueOrKz0DsjP0%3D";

const parsed = (text: string) => {
  try {
    return Object.fromEntries(parseFlakeRef(text));
  } catch (error) {
    return (error as Error).message;
  }
};

// What Nix 2.26's builtins.parseFlakeRef gives.
test.each([
  ["path:./b", { type: "path", path: "./b" }],
  [
    `path:/a/b?dir=x&narHash=${HASH_IN_URL}&lastModified=3`,
    { type: "path", path: "/a/b", dir: "x", narHash: HASH, lastModified: 3 },
  ],
  ["/a/b", { type: "path", path: "/a/b" }],
  ["./b", "flake reference './b' is not an absolute path"],
  ["nixpkgs", { type: "indirect", id: "nixpkgs" }],
  ["nixpkgs/nixos-24.05", { type: "indirect", id: "nixpkgs", ref: "nixos-24.05" }],
  [`nixpkgs/${REV}`, { type: "indirect", id: "nixpkgs", rev: REV }],
  [`nixpkgs/x/${REV}`, { type: "indirect", id: "nixpkgs", ref: "x", rev: REV }],
  ["flake:nixpkgs/x", { type: "indirect", id: "nixpkgs", ref: "x" }],
  ["github:a/b", { type: "github", owner: "a", repo: "b" }],
  ["github:a/b/c", { type: "github", owner: "a", repo: "b", ref: "c" }],
  [`github:a/b/${REV}`, { type: "github", owner: "a", repo: "b", rev: REV }],
  ["github:a/b/c/d", { type: "github", owner: "a", repo: "b", ref: "c/d" }],
  ["github:a", "flake reference 'github:a' is not an absolute path"],
  [
    "github:a/b?ref=x&dir=y&host=foo.com",
    { type: "github", owner: "a", repo: "b", ref: "x", dir: "y", host: "foo.com" },
  ],
  ["github:a/b/c?ref=x", "flake reference 'github:a/b/c?ref=x' is not an absolute path"],
  ["gitlab:a%2Fb/c", { type: "gitlab", owner: "a", repo: "b", ref: "c" }],
  ["sourcehut:~a/b", { type: "sourcehut", owner: "~a", repo: "b" }],
  [
    `git+https://x.y/z?ref=m&rev=${REV}&submodules=1&foo=bar&dir=q`,
    { type: "git", url: "https://x.y/z?foo=bar", ref: "m", rev: REV, submodules: true, dir: "q" },
  ],
  ["git+file:///a/b?shallow=1", { type: "git", url: "file:///a/b", shallow: true }],
  ["git+file:/a/b", { type: "git", url: "file:/a/b" }],
  ["git://h/x", { type: "git", url: "git://h/x" }],
  ["git+ssh://git@h/x", { type: "git", url: "ssh://git@h/x" }],
  ["https://x/y.tar.gz", { type: "tarball", url: "https://x/y.tar.gz" }],
  ["https://x/y", { type: "tarball", url: "https://x/y" }],
  [
    `https://x/y.tar.gz?narHash=${HASH_IN_URL}&x=1&rev=${REV}&dir=d`,
    { type: "tarball", url: "https://x/y.tar.gz?x=1", narHash: HASH, rev: REV, dir: "d" },
  ],
  ["tarball+https://x/y", { type: "tarball", url: "https://x/y" }],
  ["file+https://x/y", { type: "file", url: "https://x/y" }],
  ["file:///x/y.tar", { type: "tarball", url: "file:///x/y.tar" }],
  ["hg+https://x/y", { type: "hg", url: "https://x/y" }],
  ["path:a b", "flake reference 'path:a b' is not an absolute path"],
  ["foo:bar", "input 'foo:bar' is unsupported"],
  ["", "flake reference '' is not an absolute path"],
  ["path:/a?foo=1", "path URL 'path:/a?foo=1' has unsupported parameter 'foo'"],
  ["path:/a#frag", "unexpected fragment 'frag' in flake reference 'path:/a#frag'"],
])("%s", (text, expected) => {
  expect(parsed(text)).toEqual(expected);
});

const printed = (attributes: Record<string, string | number | boolean>) => {
  try {
    const ref = new Map(Object.entries(attributes));
    checkRef(ref);
    return flakeRefToUrl(ref);
  } catch (error) {
    return (error as Error).message;
  }
};

// What Nix 2.26's builtins.flakeRefToString gives.
test.each([
  [{ type: "path", path: "/a b/c" }, "path:/a%20b/c"],
  [
    { type: "path", path: "/a", narHash: HASH, lastModified: 4, dir: "x" },
    `path:/a?dir=x&lastModified=4&narHash=${HASH_IN_URL}`,
  ],
  [
    { type: "git", url: "https://x/y", ref: "m", rev: REV, submodules: true, shallow: false },
    `git+https://x/y?ref=m&rev=${REV}&submodules=1`,
  ],
  [{ type: "git", url: "file:///a?x=y" }, "git+file:///a?x=y"],
  [{ type: "git" }, "input attribute 'url' is missing"],
  [{ type: "github", owner: "a", repo: "b" }, "github:a/b"],
  [
    { type: "github", owner: "a", repo: "b", ref: "c", host: "h", narHash: HASH },
    `github:a/b/c?narHash=${HASH_IN_URL}`,
  ],
  [{ type: "github", owner: "a", repo: "b", rev: REV, lastModified: 3 }, `github:a/b/${REV}`],
  [
    { type: "github", owner: "a", repo: "b", rev: "975" },
    "hash '975' has wrong length for hash algorithm 'sha1'",
  ],
  [{ type: "indirect", id: "x", ref: "y", rev: REV }, `flake:x/y/${REV}`],
  [
    { type: "tarball", url: "https://x/y.tar.gz", narHash: HASH },
    `https://x/y.tar.gz?narHash=${HASH_IN_URL}`,
  ],
  [{ type: "file", url: "https://x/y" }, "https://x/y"],
  [{ type: "path", path: "/a", zz: 1 }, "input attribute 'zz' not supported by scheme 'path'"],
  [{ path: "/a" }, "'type' attribute to specify input scheme is required but not provided"],
])("%j", (attributes, expected) => {
  expect(printed(attributes as Record<string, string>)).toBe(expected);
});
