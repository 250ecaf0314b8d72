/** Shorter ones are placeholders of local servers ("none", "ollama"); a message without them would be shredded. */
const shortestSecret = 8;

/** Where providers' keys come from: their values are nobody's business, whoever read them. */
const secretVariables = /(?:_API_KEY|_TOKEN|_SECRET|_PASSWORD)$/;

/** What keys of the known providers look like, and where addresses and headers carry others. */
const patterns: readonly RegExp[] = [
  /\b(?:sk|rk|gsk|xai|pplx|hf|r8)[-_](?=[\w-]*\d)[\w-]{16,}/g,
  /\bAIza[\w-]{20,}/g,
  /(?<=\b(?:Bearer|Basic)\s)[\w.~+/-]{8,}=*/gi,
  /(?<=[?&](?:api[-_]?key|key|token|access[-_]?token|sig|signature)=)[^&\s"'`]+/gi,
  /(?<=\/\/)[^/\s"'`@]+(?=@)/g,
];

/**
 * Makes texts safe to show: `[key]` stands where one of the secrets stood, as it is, percent-encoded or in base64,
 * where the value of an environment variable like `…_API_KEY` stood, or something that looks like a key.
 */
export function redaction(secrets: readonly (string | undefined)[] = []): (text: string) => string {
  const forms = secrets.flatMap((secret) =>
    secret === undefined
      ? []
      : [secret, secret.trim(), encodeURIComponent(secret), Buffer.from(secret).toString("base64")],
  );
  return (text) => {
    const all = [...forms, ...environmentSecrets()].filter(({ length }) => length >= shortestSecret);
    // The longest first: a secret may contain another one.
    const known = all
      .toSorted((a, b) => b.length - a.length)
      .reduce((rest, secret) => rest.replaceAll(secret, "[key]"), text);
    return patterns.reduce((rest, pattern) => rest.replaceAll(pattern, "[key]"), known);
  };
}

function environmentSecrets(): readonly string[] {
  return Object.entries(process.env).flatMap(([name, value]) => (secretVariables.test(name) ? [value ?? ""] : []));
}

/** A value of JSON with every text in it made safe; names of fields stay. */
export function redacted<T>(value: T, redact: (text: string) => string): T {
  if (typeof value === "string") return redact(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => redacted(item, redact)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, redacted(item, redact)])) as T;
}

/**
 * What was thrown, as a cause that may be shown: its name, message and code. The original may hold the request with
 * its headers.
 */
export function safeCause(thrown: unknown, redact: (text: string) => string): Error {
  const source = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  const cause = new Error(redact(source instanceof Error ? source.message : String(source)));
  if (source instanceof Error) cause.name = source.name;
  const code: unknown = typeof source === "object" && source !== null ? Reflect.get(source, "code") : undefined;
  return typeof code === "string" ? Object.assign(cause, { code }) : cause;
}
