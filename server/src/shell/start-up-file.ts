/** What a bash runs first when somebody enters an environment. */
import type { ByteString } from "../base/bytes.ts";
import { shellQuote } from "./shell-quote.ts";

/** What is done inside: the user types, a program is run, or a phase of the build. */
export type ShellTask =
  | { readonly kind: "interactive"; readonly prompt: PromptSettings }
  | { readonly kind: "command"; readonly words: readonly ByteString[] }
  | { readonly kind: "phase"; readonly name: ByteString };

/** The settings `bash-prompt`, `bash-prompt-prefix` and `bash-prompt-suffix`; "" when not set. */
export interface PromptSettings {
  readonly whole: ByteString;
  readonly prefix: ByteString;
  readonly suffix: ByteString;
}

/**
 * The file for `bashArguments`.
 *
 * @param environment the text of `rcScript`
 * @param remove what is removed once bash has read it: the file, or the folder that it is in
 * @param bash what `SHELL` is to be
 */
export function startUpFile(
  environment: ByteString,
  task: ShellTask,
  remove: ByteString,
  bash: ByteString,
): ByteString {
  const itself = `command rm -rf ${shellQuote(remove)}\nSHELL=${shellQuote(bash)}\n`;
  switch (task.kind) {
    case "command":
      return `${environment}${itself}exec ${task.words.map(shellQuote).join(" ")}\n`;
    case "phase":
      // The build phase asks for what the configure phase would have found.
      return `${environment}${itself}foundMakefile=1\nrunHook ${task.name}Phase\n`;
    case "interactive":
      // Aliases of the user's may not change what the environment's functions mean.
      return `[ -n "$PS1" ] && [ -e ~/.bashrc ] && source ~/.bashrc;
shopt -u expand_aliases
${environment}
shopt -s expand_aliases
${prompt(task.prompt)}${itself}`;
  }
}

function prompt({ whole, prefix, suffix }: PromptSettings): ByteString {
  let text = "";
  if (whole !== "") text += `[ -n "$PS1" ] && PS1=${shellQuote(whole)};\n`;
  if (prefix !== "") text += `[ -n "$PS1" ] && PS1=${shellQuote(prefix)}"$PS1";\n`;
  if (suffix !== "") text += `[ -n "$PS1" ] && PS1+=${shellQuote(suffix)};\n`;
  return text;
}

/** The arguments of the bash. A command or phase is not followed by a prompt, also after Ctrl-C. */
export function bashArguments(task: ShellTask, file: string): string[] {
  return task.kind === "interactive" ? ["--rcfile", file, "-i"] : [file];
}
