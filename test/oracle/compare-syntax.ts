/** What is an expression and what is not, where the mistake is, and as what it is understood. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answersOf, type Compared } from "./compare.ts";
import { isKnown } from "./known-differences.ts";
import { askSession } from "./nix-session.ts";
import { runOurs } from "./our-nix.ts";
import { failure, type Outcome, summary } from "./outcome.ts";
import { type RealNix, runNix } from "./real-nix.ts";

/** The body of a function: it is read, and its variables are looked up, and it is not evaluated. */
const BEFORE = "_: ";

/** Only what the parser says, which may be nothing; other failures are met when the function is printed. */
function said(outcome: Outcome | null): Outcome {
  const fails =
    outcome !== null && !outcome.ok && /^(syntax|undefined|feature|crash)/.test(outcome.class);
  return fails ? outcome : { ok: true, text: "an expression" };
}

/** Errors with the file as if it were the text itself, so that they can be put beside others. */
const inText = (report: string, file: string) => report.replaceAll(file, "\xc2\xabstring\xc2\xbb");

function ours(file: string): Outcome {
  const { status, stdout, stderr } = runOurs(["--parse", file]);
  return status === 0 ? { ok: true, text: stdout.trim() } : failure(inText(stderr, file));
}

/** How Nix 2.26 prints what it has understood; older ones print otherwise. */
async function printed(nix: RealNix, files: readonly string[]): Promise<Outcome[]> {
  const { stdout } = await runNix(nix, ["--parse", ...files], "/");
  const lines = stdout.split("\n").slice(0, -1);
  if (lines.length === files.length) return lines.map((text) => ({ ok: true, text }));
  if (files.length === 1) return [{ ok: true, text: stdout.trim() }];
  const half = files.length >> 1;
  return [
    ...(await printed(nix, files.slice(0, half))),
    ...(await printed(nix, files.slice(half))),
  ];
}

export async function compareSyntax(
  nixes: readonly RealNix[],
  expressions: readonly string[],
): Promise<Compared> {
  const directory = mkdtempSync(join(tmpdir(), "snowglobe-syntax-"));
  try {
    const files = expressions.map((_, i) => join(directory, `${i}.nix`));
    for (const [i, file] of files.entries()) writeFileSync(file, BEFORE + expressions[i]);
    const imports = files.map((file) => `import ${file}`);
    const asked = nixes.map((nix) => askSession(nix, imports, directory));
    const answers = await answersOf(files, ours);
    const compared: Compared = { differences: [], failures: 0 };
    for (const [n, nix] of nixes.entries()) {
      const theirs = ((await asked[n]) ?? []).map(({ failure: failed }, i) =>
        said(
          failed === null || failed.ok ? failed : failure(inText(failed.report, files[i] ?? "")),
        ),
      );
      compared.failures += theirs.filter(({ ok }) => !ok).length;
      if (nix.version !== "2.8") {
        const good = files.filter((_, i) => theirs[i]?.ok);
        const texts = await printed(nix, good);
        for (const [i, outcome] of theirs.entries())
          if (outcome.ok) theirs[i] = texts.shift() as Outcome;
      }
      for (const [i, expression] of expressions.entries()) {
        const answer = answers[i] as Outcome;
        const it = {
          expression,
          ours: nix.version === "2.8" ? said(answer) : answer,
          theirs: theirs[i] as Outcome,
        };
        if (summary(it.ours) === summary(it.theirs) || isKnown(nix.version, "value", it)) continue;
        compared.differences.push({ ...it, nix });
      }
    }
    return compared;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
