import { existsSync } from "node:fs";
import { lstat, readdir, readFile, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";

export interface InstallSize {
  readonly packages: number;
  /** In 2^20 bytes of the disk, as `du` counts. */
  readonly mebibytes: number;
}

/** What these packages and all that they depend on weigh as they are installed in a folder; each counts once. */
export async function installSize(folder: string, names: readonly string[]): Promise<InstallSize> {
  const places = new Set<string>();
  const wanted = names.map((name) => ({ name, from: folder }));
  for (const { name, from } of wanted) {
    const place = await placeOf(name, from);
    if (place === undefined || places.has(place)) continue;
    places.add(place);
    for (const dependency of await dependenciesOf(place)) wanted.push({ name: dependency, from: place });
  }
  let bytes = 0;
  for (const place of places) bytes += await diskBytes(place);
  return { packages: places.size, mebibytes: bytes / 2 ** 20 };
}

/** Where Node finds a package, or nothing: an optional one may be missing. */
async function placeOf(name: string, from: string): Promise<string | undefined> {
  for (let folder = from; ; folder = dirname(folder)) {
    const place = join(folder, "node_modules", name);
    if (existsSync(join(place, "package.json"))) return realpath(place);
    if (folder === dirname(folder)) return undefined;
  }
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** Peers count where npm installs them unasked. */
async function dependenciesOf(place: string): Promise<readonly string[]> {
  const manifest = JSON.parse(await readFile(join(place, "package.json"), "utf8")) as Manifest;
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
  const peers = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true);
  return [...Object.keys(dependencies), ...Object.keys(optionalDependencies), ...peers];
}

/** Packages inside the package are packages of their own. */
async function diskBytes(path: string): Promise<number> {
  const status = await lstat(path);
  let bytes = status.blocks * 512;
  if (status.isDirectory())
    for (const name of await readdir(path)) if (name !== "node_modules") bytes += await diskBytes(join(path, name));
  return bytes;
}
