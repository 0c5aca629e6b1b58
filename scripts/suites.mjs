// The suites of `npm test`, in the order from fast to real.
import { checks } from "./check.mjs";
import { generated } from "./generated.mjs";
import { commandSuite, vitestSuite } from "./suite.mjs";

/** Tests of the whole product, one folder of test/ each. @param {string} name */
const project = (name) => ["--config", "vitest.suites.config.ts", "--project", name];

export const suites = [
  ...checks,
  generated,
  commandSuite("grammar", process.execPath, ["scripts/grammar.mjs", "--check"]),
  vitestSuite("corpus", project("corpus"), { needs: "SNOWGLOBE_CORPUS" }),
  vitestSuite("oracle", project("oracle"), { programs: { "nix-instantiate": "nix-bin" } }),
  vitestSuite("build", project("build"), {
    programs: {
      "bash-static": "bash-static",
      busybox: "busybox-static",
      bwrap: "bubblewrap",
      "musl-gcc": "musl-tools",
      nix: "nix-bin",
      setpriv: "util-linux",
      tcc: "tcc",
    },
  }),
  commandSuite("start", process.execPath, ["scripts/start.mjs", "--once"], {
    programs: { chromium: "chromium" },
  }),
  vitestSuite("lsp", project("lsp"), { programs: { nvim: "neovim" } }),
  vitestSuite("e2e", project("e2e"), {
    programs: {
      "bash-static": "bash-static",
      busybox: "busybox-static",
      chromium: "chromium",
      "musl-gcc": "musl-tools",
      nix: "nix-bin",
      setpriv: "util-linux",
      tcc: "tcc",
    },
  }),
];
