// Files that are made from others and committed. `node scripts/generated.mjs` writes them; the suite
// says which are not what would be made now.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "./bootstrap.mjs";

/** File to what it should hold, given what it holds. @type {Record<string, (text: string) => string>} */
const files = {
  "README.md": (text) => between(text, "settings", settingsList()),
};

/** @type {import("./suite.mjs").Suite} */
export const generated = {
  name: "generated files",
  run: () => {
    const stale = Object.entries(files).filter(([file, make]) => {
      const text = read(file);
      return make(text) !== text;
    });
    for (const [file] of stale) console.log(`${file} is stale: run node scripts/generated.mjs`);
    return { passed: Object.keys(files).length - stale.length, failed: stale.length, skipped: 0 };
  },
};

/** The list of settings, from the extension manifest. */
function settingsList() {
  const { properties } = JSON.parse(read("package.json")).contributes.configuration;
  return Object.entries(properties)
    .map(([name, { markdownDescription, default: value }]) => {
      return `- \`${name}\` (\`${JSON.stringify(value)}\`): ${markdownDescription}`;
    })
    .join("\n");
}

/** The text with what stands between a name's two marker comments replaced. @param {string} text @param {string} name @param {string} content */
function between(text, name, content) {
  const [start, end] = [`<!-- ${name}: generated -->\n\n`, `\n\n<!-- /${name} -->`];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`no markers for ${name}`);
  return text.slice(0, from + start.length) + content + text.slice(to);
}

/** @param {string} file */
function read(file) {
  return readFileSync(join(root, file), "utf8");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, make] of Object.entries(files))
    writeFileSync(join(root, file), make(read(file)));
}
