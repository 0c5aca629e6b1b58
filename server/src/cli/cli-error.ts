/** A mistake in how the command was called: printed as `error: MESSAGE`, exit status 1. */
export class CliError extends Error {}
