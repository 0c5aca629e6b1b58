import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";

test("paths to what is there", () => {
  const { host, id, text } = analyze(`
#- /w/main.nix
[ ./a.nix ./none.nix ~/b.nix ./. ./dir ]
#- /w/a.nix
#- /home/user/b.nix
#- /w/dir/default.nix
`);
  const links = host.analysis().documentLinks(id);
  expect(links.map((link) => `${text(link)} -> ${link.file}`)).toEqual([
    "./a.nix -> /w/a.nix",
    "~/b.nix -> /home/user/b.nix",
    "./dir -> /w/dir/default.nix",
  ]);
});
