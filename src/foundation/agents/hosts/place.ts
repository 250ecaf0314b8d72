import type { Child } from "../supervisors/child-spec.ts";
import { killed, shutdown } from "../exit-reason.ts";
import type { Ref } from "../ref.ts";
import type { AgentRuntime, StartOptions } from "../runtime.ts";
import type { AgentHost } from "./agent-host.ts";
import type { AgentModule } from "./agent-module.ts";
import { HostError } from "./host-error.ts";

/** One incarnation of where a host's agents live. */
export interface Place extends Child {
  readonly id: number | undefined;
  /** Whether agents can start here. */
  readonly isOpen: boolean;
  /** Resolves when it is gone. */
  readonly gone: Promise<void>;
  start<M, A>(module: AgentModule<M, A>, argument: A, options: StartOptions): Promise<Ref<M> | undefined>;
}

export interface PlaceHostOptions {
  readonly runtime: AgentRuntime;
  /** How long the agents may take to end when the host is disposed of. */
  readonly graceMs: number;
}

/** A host whose place is opened by the first start, and again by the first after its end. */
export class PlaceHost implements AgentHost {
  readonly #runtime: AgentRuntime;
  readonly #graceMs: number;
  readonly #newPlace: () => Place;
  readonly #places = new Set<Place>();
  #current: Place | undefined;
  #isDisposed = false;

  constructor(newPlace: () => Place, { runtime, graceMs }: PlaceHostOptions) {
    this.#runtime = runtime;
    this.#graceMs = graceMs;
    this.#newPlace = newPlace;
  }

  get placeId(): number | undefined {
    return this.#current?.isAlive === true ? this.#current.id : undefined;
  }

  async start<M, A>(module: AgentModule<M, A>, argument: A, options: StartOptions = {}): Promise<Ref<M> | undefined> {
    return this.#open().start(module, argument, options);
  }

  open(): Child {
    return this.#open();
  }

  async terminate(): Promise<void> {
    for (const place of this.#places) place.exit(killed);
    await this.#allGone();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    const gone = new AbortController();
    this.#runtime.clock.sleep(this.#graceMs, { signal: gone.signal }).then(
      () => this.#places.forEach((place) => place.exit(killed)),
      () => {},
    );
    for (const place of this.#places) place.exit(shutdown);
    await this.#allGone();
    gone.abort();
  }

  #open(): Place {
    if (this.#isDisposed) throw new HostError("disposed", "the host was disposed of");
    if (this.#current?.isOpen === true) return this.#current;
    const place = this.#newPlace();
    this.#current = place;
    this.#places.add(place);
    void place.gone.then(() => this.#places.delete(place));
    return place;
  }

  async #allGone(): Promise<void> {
    await Promise.all([...this.#places].map(({ gone }) => gone));
  }
}
