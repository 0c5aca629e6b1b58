/** The command line that says in a terminal what the view says of a file. */

/** @param attributePath of what has changed; empty: the value of the file */
export function whyChangedCommand(
  file: string,
  reference: string,
  attributePath: readonly string[],
): string {
  const attribute = attributePath.map(attributeName).join(".");
  const isFlake = /(?:^|\/)flake\.nix$/.test(file);
  const ofFlake = isFlake && attribute !== "" ? `#${attribute}` : "";
  const option = isFlake || attribute === "" ? [] : ["-A", quoted(attribute)];
  const operands = [`${reference}:${file}${ofFlake}`, file + ofFlake].map(quoted);
  return ["snowglobe", "why-changed", ...option, ...operands].join(" ");
}

function attributeName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_'-]*$/.test(name) ? name : `"${name}"`;
}

/** For a shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./#~^-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
