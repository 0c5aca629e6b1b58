// `npm run package`: makes out/snowglobe-VERSION.vsix, with the licences of what is bundled.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bootstrap, root } from "./bootstrap.mjs";

const LARGEST = 3 * 1024 * 1024;

/** Builds and packs the extension. @returns {Promise<string>} the path of the .vsix */
export async function packageExtension() {
  const { build } = await import("./build.mjs");
  const inputs = await build({ minify: true });
  writeFileSync(join(root, "dist/THIRD-PARTY-NOTICES.txt"), notices(inputs));

  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const vsix = join(root, "out", `snowglobe-${version}.vsix`);
  mkdirSync(join(root, "out"), { recursive: true });
  const vsce = createRequire(import.meta.url).resolve("@vscode/vsce/vsce");
  // Everything is bundled, hence no dependencies.
  const options = [
    "--no-dependencies",
    "--no-rewrite-relative-links",
    "--allow-missing-repository",
  ];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [vsce, "package", ...options, "--out", vsix],
    { cwd: root, encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`vsce: ${stdout}${stderr}`);
  const size = statSync(vsix).size;
  if (size > LARGEST) throw new Error(`${vsix} has ${size} bytes, more than ${LARGEST}`);
  return vsix;
}

/** The licence texts of every package that has a file in the bundles. @param {readonly string[]} inputs */
function notices(inputs) {
  const folders = new Set(
    inputs.flatMap(
      (file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? [],
    ),
  );
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license, author } = JSON.parse(
      readFileSync(join(root, folder, "package.json"), "utf8"),
    );
    const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    // Some packages only name their licence.
    if (file === undefined && license !== "MIT") throw new Error(`${folder} has no licence text`);
    const text =
      file === undefined
        ? mitLicence(String(author?.name ?? author ?? name))
        : readFileSync(join(root, folder, file), "utf8").trim();
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  const head = "Snowglobe contains parts of the following packages.\n";
  return [head, ...texts].join(`\n${"-".repeat(78)}\n\n`);
}

/** The words of our own licence, which is the same, with another holder. @param {string} holder */
function mitLicence(holder) {
  const own = readFileSync(join(root, "LICENSE"), "utf8").trim();
  return own.replace(/^Copyright .*$/m, `Copyright (c) ${holder}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  bootstrap();
  console.log(await packageExtension());
}
