/** The users that tests run programs as: whoever runs the tests, and an ordinary one when that is root. */
import { existsSync } from "node:fs";

export interface User {
  readonly name: string;
  /** To be put before a command. */
  readonly prefix: readonly string[];
  readonly uid: number;
}

const me = process.getuid?.() ?? 0;

/** No account of this number is needed. */
const ORDINARY = 61_234;

const ordinary: User = {
  name: "an ordinary user",
  prefix: [
    "setpriv",
    `--reuid=${ORDINARY}`,
    `--regid=${ORDINARY}`,
    "--clear-groups",
    "--inh-caps=-all",
  ],
  uid: ORDINARY,
};

export const users: readonly User[] =
  me !== 0
    ? [{ name: "an ordinary user", prefix: [], uid: me }]
    : [{ name: "root", prefix: [], uid: 0 }, ...(existsSync("/usr/bin/setpriv") ? [ordinary] : [])];
