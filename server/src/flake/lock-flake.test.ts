import { describe, expect, test } from "vitest";
import { bytesToText } from "../base/bytes.ts";
import { NixError } from "../eval/errors.ts";
import { Evaluator } from "../eval/evaluator.ts";
import { MemoryHost, memoryStore, TEST_SETTINGS } from "../testing/memory-host.ts";
import { parseFlakeRef } from "./flake-ref.ts";
import { lockChanges } from "./lock-changes.ts";
import { lockText } from "./lock-file.ts";
import { type LockedFlake, type LockUpdates, lockFlake } from "./lock-flake.ts";

const COMMIT = "1".repeat(40);
const OTHER = "2".repeat(40);
const HASH = new Uint8Array(32).fill(7);
const DEPENDENCY = "{ outputs = _: { }; }";

/** What is on servers: URL to the path of a file, or of an unpacked archive, in memory. */
type Servers = Readonly<Record<string, string>>;

function lock(
  files: Readonly<Record<string, string>>,
  servers: Servers = {},
  updates?: LockUpdates,
): LockedFlake {
  const host = new MemoryHost(files);
  for (const [url, path] of Object.entries(servers))
    host.fetched.set(url, { path, sha256: HASH, lastModified: 1_700_000_000 });
  const ev = new Evaluator(host, memoryStore(), { ...TEST_SETTINGS, homeDirectory: "/home" });
  return lockFlake(ev, parseFlakeRef("path:/f"), updates);
}

const nodes = (flake: LockedFlake) => JSON.parse(lockText(flake.lock)).nodes;
const inputs = (text: string) => `{ inputs = { ${text} }; outputs = _: { }; }`;

function failure(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof NixError) return error.message;
    throw error;
  }
  return "did not fail";
}

describe("an input on a forge is locked at its newest commit", () => {
  test.each([
    [
      "github:o/r",
      { "https://api.github.com/repos/o/r/commits/HEAD": `{"sha":"${COMMIT}"}` },
      `https://github.com/o/r/archive/${COMMIT}.tar.gz`,
    ],
    [
      "github:o/r/next",
      { "https://api.github.com/repos/o/r/commits/next": `{"sha":"${COMMIT}","files":[]}` },
      `https://github.com/o/r/archive/${COMMIT}.tar.gz`,
    ],
    [
      "gitlab:o/r",
      {
        "https://gitlab.com/api/v4/projects/o%2Fr/repository/commits?ref_name=HEAD&per_page=1": `[{"id":"${COMMIT}"}]`,
      },
      `https://gitlab.com/api/v4/projects/o%2Fr/repository/archive.tar.gz?sha=${COMMIT}`,
    ],
    [
      "sourcehut:~o/r",
      {
        "https://git.sr.ht/~o/r/HEAD": "ref: refs/heads/main\n",
        "https://git.sr.ht/~o/r/info/refs": `${OTHER}\trefs/heads/old\n${COMMIT}\trefs/heads/main\n`,
      },
      `https://git.sr.ht/~o/r/archive/${COMMIT}.tar.gz`,
    ],
  ])("%s", (url, answers, archive) => {
    const files: Record<string, string> = {
      "/f/flake.nix": inputs(`a.url = "${url}";`),
      "/archive/flake.nix": DEPENDENCY,
    };
    const servers: Record<string, string> = { [archive]: "/archive" };
    for (const [i, [address, text]] of Object.entries(answers).entries()) {
      files[`/answers/${i}`] = text;
      servers[address] = `/answers/${i}`;
    }
    const { locked, original } = nodes(lock(files, servers)).a;
    expect(locked).toMatchObject({
      rev: COMMIT,
      lastModified: 1_700_000_000,
      narHash: `sha256-${Buffer.from(HASH).toString("base64")}`,
    });
    expect(locked).not.toHaveProperty("ref");
    expect(original).not.toHaveProperty("rev");
  });
});

test("what the server does not know is an error", () => {
  const files = { "/f/flake.nix": inputs('a.url = "github:o/r/none";'), "/answer": "{}" };
  const servers = { "https://api.github.com/repos/o/r/commits/none": "/answer" };
  expect(failure(() => lock(files, servers))).toBe(
    "the server of 'github:o/r/none' names no commit for 'none'",
  );
  expect(failure(() => lock(files))).toBe(
    "flake.lock has no entry for the input 'a' (github:o/r/none), and 'https://api.github.com/repos/o/r/commits/none' has not been fetched",
  );
});

describe("a name", () => {
  const registry = (...flakes: unknown[]) => JSON.stringify({ version: 2, flakes });
  const to = (path: string) => ({ type: "path", path });
  const from = (id: string) => ({ type: "indirect", id });
  const files = {
    "/f/flake.nix": inputs('a.url = "flake:pkgs";'),
    "/one/flake.nix": DEPENDENCY,
    "/two/flake.nix": DEPENDENCY,
    "/global": registry({ from: from("pkgs"), to: to("/two") }),
  };
  const servers = { "https://channels.nixos.org/flake-registry.json": "/global" };

  test("is looked up in the registry of everybody", () => {
    const { locked, original } = nodes(lock(files, servers)).a;
    expect(locked).toMatchObject({ type: "path", path: "/two" });
    expect(original).toEqual({ type: "indirect", id: "pkgs" });
  });

  test("is looked up in the user's registry first, which may lead to another name", () => {
    const own = registry(
      { from: from("pkgs"), to: from("mine") },
      { from: from("mine"), to: to("/one") },
    );
    const all = { ...files, "/home/.config/nix/registry.json": own };
    expect(nodes(lock(all)).a.locked).toMatchObject({ path: "/one" });
  });

  test("takes along the branch that is asked for", () => {
    const github = { type: "github", owner: "o", repo: "r", ref: "main" };
    const all = {
      ...files,
      "/f/flake.nix": inputs('a.url = "pkgs/next";'),
      "/global": registry({ from: from("pkgs"), to: github }),
      "/answer": `{"sha":"${COMMIT}"}`,
      "/archive/flake.nix": DEPENDENCY,
    };
    const more = {
      ...servers,
      "https://api.github.com/repos/o/r/commits/next": "/answer",
      [`https://github.com/o/r/archive/${COMMIT}.tar.gz`]: "/archive",
    };
    expect(nodes(lock(all, more)).a.locked).toMatchObject({ type: "github", rev: COMMIT });
  });

  test("that is nowhere, or leads to itself, is an error", () => {
    const none = { ...files, "/global": registry() };
    expect(failure(() => lock(none, servers))).toBe(
      "cannot find flake 'flake:pkgs' in the flake registries",
    );
    const cycle = { ...files, "/global": registry({ from: from("pkgs"), to: from("pkgs") }) };
    expect(failure(() => lock(cycle, servers))).toBe(
      "cycle detected in flake registry for 'flake:pkgs'",
    );
    expect(failure(() => lock({ ...files, "/global": "{" }, servers))).toMatch(
      /^cannot read the flake registry 'https:/,
    );
  });
});

describe("what is locked already", () => {
  const text = inputs('a.url = "path:/a"; b.url = "path:/b";');
  const first = {
    "/f/flake.nix": text,
    "/a/flake.nix": DEPENDENCY,
    "/b/flake.nix": DEPENDENCY,
  };
  const flakeLock = lockText(lock(first).lock);
  const changed = {
    ...first,
    "/f/flake.lock": flakeLock,
    "/a/more": "1",
    "/b/more": "2",
  };

  test("stays", () => {
    const flake = lock(changed);
    expect(flake.lockChanged).toBe(false);
    expect(lockChanges(flake.old, flake.lock)).toBe("");
  });

  test("is locked anew by its name, or all of it", () => {
    const updated = (updates: LockUpdates) => {
      const { old, lock: now } = lock(changed, {}, updates);
      return bytesToText(lockChanges(old, now)).match(/^\S .*/gm);
    };
    expect(updated(new Set(["b"]))).toEqual(["• Updated input 'b':"]);
    expect(updated("all")).toEqual(["• Updated input 'a':", "• Updated input 'b':"]);
    expect(updated(new Set(["c"]))).toBeNull();
  });

  test("goes with its input", () => {
    const { old, lock: now } = lock({ ...changed, "/f/flake.nix": inputs('b.url = "path:/b";') });
    expect(bytesToText(lockChanges(old, now))).toBe("• Removed input 'a'\n");
  });

  test("stays what it was, a flake or none, until it is locked anew", () => {
    const plain = { ...changed, "/f/flake.nix": text.replace('/a";', '/a"; a.flake = false;') };
    expect(nodes(lock(plain)).a.flake).toBeUndefined();
    expect(nodes(lock(plain, {}, new Set(["a"]))).a.flake).toBe(false);
  });

  test("is asked what its input is when nothing says any longer that it follows", () => {
    const files = {
      "/f/flake.nix": inputs(
        'a = { url = "path:/a"; inputs.b.follows = "b"; }; b.url = "path:/b";',
      ),
      "/a/flake.nix": inputs('b.url = "path:/c";'),
      "/b/flake.nix": DEPENDENCY,
      "/c/flake.nix": DEPENDENCY,
    };
    const before = lock(files);
    expect(nodes(before).a.inputs).toEqual({ b: ["b"] });
    const after = lock({
      ...files,
      "/f/flake.nix": inputs('a.url = "path:/a"; b.url = "path:/b";'),
      "/f/flake.lock": lockText(before.lock),
    });
    expect(nodes(after).a.inputs).toEqual({ b: "b" });
    expect(nodes(after).b.original.path).toBe("/c");
    expect(nodes(after).b_2.original.path).toBe("/b");
  });
});

test("inputs that go round in a ring are errors", () => {
  const ring = (text: string) => failure(() => lock({ "/f/flake.nix": inputs(text) }));
  expect(ring('a.follows = "a";')).toBe("follow cycle detected: [a -> a]");
  expect(ring('a.follows = "b"; b.follows = "a";')).toBe("follow cycle detected: [b -> a -> b]");
  const files = {
    "/f/flake.nix": inputs('a.url = "path:/a";'),
    "/a/flake.nix": inputs('b.url = "path:/b";'),
    "/b/flake.nix": inputs('a.url = "path:/a";'),
  };
  expect(failure(() => lock(files))).toBe("found circular import of flake 'path:/a'");
  // By what is written, as Nix does: the second is in the first, and not the same.
  const relative = {
    "/f/flake.nix": inputs('a.url = "path:./a";'),
    "/f/a/flake.nix": inputs('a.url = "path:./a";'),
    "/f/a/a/flake.nix": DEPENDENCY,
  };
  expect(failure(() => lock(relative))).toBe("found circular import of flake 'path:./a'");
});

test("a flake that is read again for its lock's sake is in no ring", () => {
  const files = {
    "/f/flake.nix": inputs('a.url = "path:/a"; a.inputs.b.follows = "c"; c.url = "path:/c";'),
    "/a/flake.nix": inputs('b.url = "path:/b";'),
    "/b/flake.nix": inputs('x.url = "path:/a"; x.inputs.b.follows = "";'),
    "/c/flake.nix": DEPENDENCY,
  };
  const before = lock(files);
  const after = lock({
    ...files,
    "/f/flake.nix": inputs('a.url = "path:/a"; c.url = "path:/c";'),
    "/f/flake.lock": lockText(before.lock),
  });
  expect(nodes(after).b.inputs).toEqual({ x: "x" });
});
