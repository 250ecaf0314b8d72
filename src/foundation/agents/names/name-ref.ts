import { AgentError } from "../call.ts";
import type { CallOptions, PostOptions, Ref } from "../ref.ts";

/**
 * The address of whoever holds a name: each use finds the present incarnation, after a restart the new one. Behaves as
 * `Ref` does; while nobody holds the name, `send` is refused and `post` and `call` reject with `noproc`.
 */
export class NameRef<in M> {
  /** The name. */
  readonly name: string;
  readonly #find: () => Ref<M> | undefined;

  constructor(name: string, find: () => Ref<M> | undefined) {
    this.name = name;
    this.#find = find;
  }

  /** The address of the present incarnation. */
  get ref(): Ref<M> | undefined {
    return this.#find();
  }

  /** Whether the message was taken. */
  send(message: M): boolean {
    return this.#find()?.send(message) ?? false;
  }

  /** Sends, waiting for room at the incarnation that it found. */
  post(message: M, options?: PostOptions): Promise<void> {
    return this.#find()?.post(message, options) ?? Promise.reject(this.#noproc());
  }

  call<R>(message: M, options?: CallOptions): Promise<R> {
    return this.#find()?.call<R>(message, options) ?? Promise.reject(this.#noproc());
  }

  #noproc(): AgentError {
    return new AgentError("noproc", `nobody holds the name ${this.name}`);
  }
}
