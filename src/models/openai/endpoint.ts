import type { Clock, JsonObject } from "#foundation";
import type { ModelSupport, TokenPrice } from "#programs";

/** An endpoint that speaks OpenAI's chat protocol: OpenAI itself, vLLM, Ollama, LM Studio, a gateway. */
export interface Endpoint {
  /** The model's name at the endpoint. */
  readonly id: string;
  /** The base address, as in `http://127.0.0.1:11434/v1`. A query stays; a user and password become a header. */
  readonly url: string;
  /** Sent as a bearer token. Neither it nor a header nor a secret in the address ever appears in an error or reply. */
  readonly apiKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** For the cost in `usage.usd`; without it the cost is 0. */
  readonly usdPerMillionTokens?: TokenPrice;
  /**
   * What the model can do, where you know it. What is not told is taken to work and sent; what is told to be missing is
   * left out, and the reply warns of it. A wish for structured output whose answer is no JSON is warned of as well.
   */
  readonly supports?: ModelSupport;
  /**
   * For an endpoint that routes: what its body says so that a request's `provider` is taken first. On OpenRouter
   * `(provider) => ({ provider: { order: [provider] } })`. Without it the provider is not sent, since endpoints refuse
   * fields that they do not know, and the reply warns of it.
   */
  readonly providerFields?: (provider: string) => JsonObject;
  /** How long one answer may take, of a stream each piece of it; 60,000 unless told. */
  readonly timeoutMs?: number;
  /** Measures `timeoutMs` and tells how far away the date in a `Retry-After` is. */
  readonly clock?: Clock;
  /** For tests and proxies; the global one unless told. */
  readonly fetch?: typeof globalThis.fetch;
}
