import { serve } from "@hono/node-server";
import { iclModel, modelCardOf } from "#models/icl";
import { modelServer } from "#models/server";

/** The offline model behind an OpenAI-compatible endpoint on loopback, for clients of any language. */
export interface ServedOfflineModel extends AsyncDisposable {
  /** The base address, which ends in `/v1`. */
  readonly url: string;
  readonly model: string;
  /** How many calls came with this API key. */
  callsOf(key: string): Promise<number>;
}

/** Serves a model of its own, with what is drawn at temperatures above 0 begun anew. `delayMs` holds every answer back. */
export async function serveOfflineModel(delayMs = 0): Promise<ServedOfflineModel> {
  const model = iclModel();
  const fetch = modelServer({ models: [{ model, card: modelCardOf("base") }], delayMs });
  const listening = Promise.withResolvers<number>();
  const options = { fetch, port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false };
  const server = serve(options, ({ port }) => listening.resolve(port));
  server.once("error", listening.reject);
  const origin = `http://127.0.0.1:${await listening.promise}`;
  return {
    url: `${origin}/v1`,
    model: model.id,
    async callsOf(key) {
      const request = new Request(`${origin}/v1/usage`, { headers: { authorization: `Bearer ${key}` } });
      const { calls } = (await (await fetch(request)).json()) as { readonly calls: number };
      return calls;
    },
    [Symbol.asyncDispose]: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
