/** A shell that is ready to be entered: files that are written, and the command that reads them. */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { type ByteString, bytesFromText, bytesToUint8Array } from "../base/bytes.ts";
import type { StoreEngine } from "../build/store-engine.ts";
import { rcScript } from "./rc-script.ts";
import type { ShellEnvironment } from "./shell-environment.ts";
import { bashArguments, type ShellTask, startUpFile } from "./start-up-file.ts";

export interface ShellSession {
  /** Program and arguments; run it where the user is, on their terminal. */
  readonly command: readonly string[];
  /** Removes what the session has left. The shell itself removes all but the files of structured attributes. */
  dispose(): void;
}

/**
 * Writes what a shell needs into a new folder that only the user can read.
 *
 * @param bash absolute path of the bash, in the store or not
 * @param directory outputs get paths below `outputs` in it
 */
export function openShellSession(
  engine: Pick<StoreEngine, "enterCommand">,
  environment: ShellEnvironment,
  task: ShellTask,
  bash: string,
  directory: string,
): ShellSession {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "snowglobe-shell-"));
  const dispose = () => fs.rmSync(folder, { recursive: true, force: true });
  const file = path.join(folder, "rc");
  const write = (name: string, text: ByteString) =>
    fs.writeFileSync(path.join(folder, name), bytesToUint8Array(text));
  try {
    const { text, files } = rcScript(environment, {
      outputsDirectory: bytesFromText(path.join(directory, "outputs")),
      filesDirectory: bytesFromText(folder),
    });
    for (const [name, contents] of files) write(name, contents);
    const remove = files.size === 0 ? folder : file;
    write("rc", startUpFile(text, task, bytesFromText(remove), bytesFromText(bash)));
  } catch (error) {
    dispose();
    throw error;
  }
  return { command: engine.enterCommand([bash, ...bashArguments(task, file)]), dispose };
}
