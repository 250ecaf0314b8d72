/**
 * A preload that prints, at exit, the URLs of all modules that were resolved to files, as a line of JSON: what an
 * import pulls in. `node --import <this file> --eval 'await import("tutti")'`.
 */
import { registerHooks } from "node:module";

const urls = new Set<string>();

registerHooks({
  load(url, context, nextLoad) {
    if (url.startsWith("file:")) urls.add(url);
    return nextLoad(url, context);
  },
});

process.on("exit", () => console.log(JSON.stringify([...urls])));
