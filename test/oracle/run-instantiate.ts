/** `snowglobe instantiate` from source, as a process of its own. */
import { type OurRun, runHere } from "./our-nix.ts";

function run(): OurRun {
  try {
    return runHere(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const stderr = "error: stack overflow (possible infinite recursion)\n";
    return { status: 1, stdout: "", stderr };
  }
}

const { status, stdout, stderr } = run();
process.stdout.write(stdout, "latin1");
process.stderr.write(stderr, "latin1");
process.exitCode = status;
