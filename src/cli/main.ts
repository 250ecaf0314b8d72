import { runCommandLine } from "./command-line.ts";
import { exitCodes } from "./exit-code.ts";
import { isOwnScript } from "./own-command.ts";

// Whoever reads us may have seen enough: `tutti … | head -1`.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error) => {
    const code: unknown = Reflect.get(error, "code");
    if (code === "EPIPE") process.exit(exitCodes.ok);
    // The terminal was closed: SIGHUP puts things down in good order, with nobody to tell.
    if (code === "EIO") return;
    throw error;
  });

// npm runs scripts in the package's folder; paths are meant from where the person stands.
const standing = process.env["INIT_CWD"];
if (isOwnScript() && standing !== undefined) process.chdir(standing);

void runCommandLine(process.argv.slice(2)).then((code) => {
  // A user's file may have left something open that would keep the process alive.
  process.stdout.write("", () => process.exit(code));
});
