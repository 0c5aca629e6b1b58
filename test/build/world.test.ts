/** Every package of the world, built by us and by a real Nix from the same files: the same in every byte. */
import { execFileSync } from "node:child_process";
import * as path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { prepareWorld } from "../world/prepare-world.ts";
import { type Known, known, realNix } from "./real-nix.ts";
import { environment, remove, scratch, snowglobe } from "./snowglobe.ts";
import { users } from "./users.ts";

/** All that can be built. */
const PACKAGES = [
  ...["bash", "busybox", "cc", "stdenv", "greet", "greet-hook", "hello", "hello-structured"],
  ...["python311", "cudaPackages_12.cudatoolkit", "shells.plain", "shells.inputs"],
  ...[
    "surroundings",
    "modes",
    "references",
    "fixedFlat",
    "fixedTree",
    "placeholders",
    "closures",
    "large",
  ].map((name) => `probes.${name}`),
];

const [someone] = users;
if (someone === undefined) throw new Error("no user");

const home = scratch(someone);
const world = path.join(home, "world");
let expected: Map<string, Known>;
/** What a real Nix says that it would build. */
let plan: string;

beforeAll(() => {
  prepareWorld(world);
  const nix = realNix(home);
  const config = ["--arg", "config", "{ allowUnfree = true; cudaSupport = true; }"];
  plan = nix.errors("nix", "build", "--dry-run", "-f", world, ...config, ...PACKAGES);
  nix.run("nix", "build", "--no-link", "-f", world, ...config, ...PACKAGES);
  expected = nix.paths();
});
afterAll(() => remove(home));

describe.each(users)("as $name", (user) => {
  let own = "";
  beforeAll(() => {
    own = scratch(user);
  });
  afterAll(() => remove(own));

  test("the plan is printed as Nix prints it", () => {
    const config = ["--arg", "config", "{ allowUnfree = true; cudaSupport = true; }"];
    const { stderr } = snowglobe(
      user,
      own,
      "build",
      "--dry-run",
      "-f",
      world,
      ...config,
      ...PACKAGES,
    );
    expect(stderr).toBe(plan);
  });

  test("every path is the same as Nix's", () => {
    const config = ["--arg", "config", "{ allowUnfree = true; cudaSupport = true; }"];
    const built = snowglobe(user, own, "build", "--no-link", "-f", world, ...config, ...PACKAGES);
    expect(built.stderr).not.toContain("error");
    expect(built.status).toBe(0);
    const listed = snowglobe(user, own, "path-info", "--json", "--all");
    expect(listed.stderr).toBe("");
    const ours = new Map(
      Object.entries(JSON.parse(listed.stdout) as Record<string, Known>).map(([at, info]) => [
        at,
        known(info),
      ]),
    );
    for (const [at, info] of expected) {
      // An ordinary user owns no devices, and keeps the groups of before.
      if (at.endsWith("-surroundings") && user.uid !== 0) continue;
      expect({ at, ...ours.get(at) }).toEqual({ at, ...info });
    }
    expect(ours.size).toBe(expected.size);
    expect(ours.size).toBeGreaterThan(50);
  });

  test("a real Nix takes the store over and finds nothing wrong", () => {
    const store = path.join(own, ".local/share/snowglobe");
    const infos = JSON.parse(snowglobe(user, own, "path-info", "--json", "--all").stdout) as Record<
      string,
      Known & { deriver: string | null }
    >;
    const registration = Object.entries(infos).map(([at, info]) => {
      const hash = Buffer.from(info.narHash.slice("sha256-".length), "base64").toString("hex");
      const { references, deriver, narSize } = info;
      const lines = [at, hash, narSize, deriver ?? "", references.length, ...references];
      return lines.map((each) => `${each}\n`).join("");
    });
    const env = { ...environment(own), NIX_CONFIG: `store = ${store}\nbuild-users-group =` };
    const nix = (input: string, ...args: string[]) =>
      execFileSync("nix-store", args, { env, input, encoding: "utf8", stdio: "pipe" });
    nix(registration.join(""), "--load-db");
    expect(() => nix("", "--verify", "--check-contents")).not.toThrow();
  });
});
