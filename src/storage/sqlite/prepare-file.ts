import { constants } from "node:fs";
import { access, mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf, StoreError } from "#foundation";

/** Makes the directory of a file that is to be written, and finds out early, and in words, why it cannot be. */
export async function prepareFile(path: string): Promise<void> {
  const directory = dirname(path);
  await explain(`Cannot create the directory ${directory} for the store`, () => createDirectory(directory));
  const found = await explain(`Cannot look at the store ${path}`, () => statIfThere(path));
  if (found === undefined) {
    await explain(`Cannot create the store in ${directory}`, () => access(directory, constants.W_OK | constants.X_OK));
    return;
  }
  if (!found.isFile()) {
    const kind = found.isDirectory() ? "a directory" : "not a file";
    throw new StoreError("inaccessible", `The path ${path} is ${kind}; give the path of a file, like ${path}/tutti.db`);
  }
  await explain(`Cannot write the store ${path}`, () => access(path, constants.R_OK | constants.W_OK));
  // SQLite keeps its log beside the file while somebody has it open.
  await explain(`Cannot write beside the store ${path}`, () => access(directory, constants.W_OK | constants.X_OK));
}

/** Like `mkdir -p`. Not `mkdir` with `recursive`: below /proc that never ends (Node 24). */
async function createDirectory(directory: string): Promise<void> {
  const found = await statIfThere(directory);
  if (found?.isDirectory() === true) return;
  if (found !== undefined) throw new Error(`${directory} is a file`);
  await createDirectory(dirname(directory));
  await mkdir(directory).catch((error: unknown) => {
    if (codeOf(error) !== "EEXIST") throw error;
  });
}

async function statIfThere(path: string): Promise<Awaited<ReturnType<typeof stat>> | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function explain<T>(trouble: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const message = `${trouble}: ${messageOf(error)}. Check the permissions, or choose another path.`;
    throw new StoreError("inaccessible", message, { cause: error });
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
