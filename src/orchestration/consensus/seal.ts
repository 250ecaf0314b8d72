import { createHash, createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import { canonicalJson, UsageError } from "#foundation";
import type { Json, JsonObject, Rng } from "#foundation";

/**
 * How members sign what they say and how everybody checks it. A machine signs with its own name only. `hmacSeal` is for
 * members of one process, where whoever checks knows the keys; between processes give one with public keys.
 */
export interface Seal {
  sign(signer: string, text: string): string;
  verify(signer: string, text: string, signature: string): boolean;
}

/** A text that says who said it. The signature is over the canonical JSON of everything but itself. */
export type Signed<Body> = Body & { readonly by: string; readonly sig: string };

/** HMAC-SHA-256 with one key for each member, in hex. A signer without a key cannot sign, and nothing of it is true. */
export function hmacSeal(keys: Readonly<Record<string, string>>): Seal {
  const secrets = new Map(Object.entries(keys).map(([name, key]) => [name, createSecretKey(key, "hex")]));
  const mac = (signer: string, text: string): Buffer | undefined => {
    const secret = secrets.get(signer);
    return secret === undefined ? undefined : createHmac("sha256", secret).update(text).digest();
  };
  return {
    sign(signer, text) {
      const value = mac(signer, text);
      if (value === undefined) throw new UsageError(`expected a signer with a key, got ${signer}`);
      return value.toString("base64");
    },
    verify(signer, text, signature) {
      const value = mac(signer, text);
      const given = Buffer.from(signature, "base64");
      return value !== undefined && given.length === value.length && timingSafeEqual(given, value);
    },
  };
}

/** A key of 256 bits for each member, for `hmacSeal`. As secret as the stream that they are drawn from. */
export function drawnKeys(members: readonly string[], rng: Rng): Readonly<Record<string, string>> {
  const byte = (stream: Rng): string =>
    Math.floor(stream.next() * 256)
      .toString(16)
      .padStart(2, "0");
  return Object.fromEntries(
    members.map((member) => {
      const stream = rng.fork(`key:${member}`);
      return [member, Array.from({ length: 32 }, () => byte(stream)).join("")];
    }),
  );
}

/** SHA-256 of the canonical JSON, in hex: the order of keys makes no difference. */
export function digestOf(value: Json): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}

export function signed<Body extends JsonObject>(seal: Seal, by: string, body: Body): Signed<Body> {
  return { ...body, by, sig: seal.sign(by, canonicalJson({ ...body, by })) };
}

/** Whether the one who is named has said exactly this. */
export function isAuthentic(seal: Seal, message: Signed<JsonObject>): boolean {
  const { sig, ...said } = message;
  return seal.verify(message.by, canonicalJson(said), sig);
}
