/** The small native program (`server/native/launcher.c`) that makes namespaces and takes locks. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Something of the machine that building needs is missing; the message says what and why. */
export class NoSandboxError extends Error {}

const NAME = `launcher-linux-${process.arch}`;

/** Beside the bundle, or where a checkout has its bundles. */
const PLACES = [`./${NAME}`, `../../../dist/${NAME}`];

export function findLauncher(): string | undefined {
  const files = PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  return files.find((file) => existsSync(file));
}

/** The absolute path of the launcher. Throws `NoSandboxError` where there is none. */
export function launcherPath(): string {
  const found = findLauncher();
  if (found !== undefined) return found;
  throw new NoSandboxError(
    process.platform === "linux"
      ? `this copy of Snowglobe cannot build or enter shells: it has no '${NAME}' (compile it with musl-gcc: \`npm run build\`), and bubblewrap is not installed either`
      : "Snowglobe builds and enters shells on Linux only",
  );
}
