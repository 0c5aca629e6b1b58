/** Entry point of the bundled language server, as the VS Code extension starts it. */
import { runLanguageServer } from "./node-server.ts";

runLanguageServer(process.argv.includes("--stdio") ? "stdio" : "ipc");
