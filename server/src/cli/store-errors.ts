import { bytesToText } from "../base/bytes.ts";
import { StoreError } from "../store/error.ts";
import { CliError } from "./cli-error.ts";

/** Errors of the store as those of a command. */
export function storeErrorsToCli<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (error instanceof StoreError) throw new CliError(bytesToText(error.message));
    throw error;
  }
}
