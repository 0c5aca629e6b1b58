import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";
import { applyFix } from "../testing/apply-fix.ts";

const ZEROS = "0".repeat(64);
const GOT = "sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73";

/** The text after the fix of the download that failed, or null. */
function fixed(source: string, sha256 = ZEROS): string | null {
  const { host, id } = analyze(source);
  const message = `hash mismatch in file downloaded from 'https://x/a':\n  specified: sha256:1\n  got:       ${GOT}`;
  const wanted = { kind: "file", url: "https://x/a", sha256 } as const;
  const error = { message, code: "fetch-failed", at: null, trace: [], suggestions: [], wanted };
  host.evaluated(id, { revision: 1, derivations: [], error });
  const [problem] = host.analysis().diagnostics(id);
  const fix = problem?.fixes?.find(({ edits }) => edits.length > 0);
  return fix ? applyFix(source, fix) : null;
}

test("the hash is written as the other one was", () => {
  const right = { sri: "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" };
  expect(fixed('{ sha256 = ""; }')).toBe(`{ sha256 = "${right.sri}"; }`);
  expect(fixed(`{ sha256 = "sha256-${"A".repeat(43)}="; }`)).toBe(`{ sha256 = "${right.sri}"; }`);
  expect(fixed(`{ sha256 = "${ZEROS}"; }`)).toBe(
    '{ sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"; }',
  );
  expect(fixed(`{ sha256 = "${"0".repeat(52)}"; }`)).toBe(
    `{ sha256 = "${GOT.slice("sha256:".length)}"; }`,
  );
  expect(fixed(`{ sha256 = "sha256:${"0".repeat(52)}"; }`)).toBe(`{ sha256 = "${GOT}"; }`);
});

test("only the one that is wrong, and only where it is written in the file", () => {
  const other = "1".repeat(64);
  expect(fixed(`[ "${other}" "text" "" ]`, other)).toBe(
    '[ "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" "text" "" ]',
  );
  expect(fixed("import ./pinned.nix")).toBeNull();
});
