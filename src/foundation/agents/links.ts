import type { AgentCell } from "./agent-cell.ts";
import type { ExitReason } from "./exit-reason.ts";

/** The agents whose lives are bound to one agent's. A link is one, however often it is made, and belongs to both. */
export class Links {
  readonly #own: AgentCell;
  readonly #peers = new Set<AgentCell>();

  constructor(own: AgentCell) {
    this.#own = own;
  }

  add(peer: AgentCell): void {
    this.#peers.add(peer);
    peer.links.#peers.add(this.#own);
  }

  remove(peer: AgentCell): void {
    this.#peers.delete(peer);
    peer.links.#peers.delete(this.#own);
  }

  moveTo(next: AgentCell): void {
    for (const peer of this.#peers) {
      this.remove(peer);
      next.links.add(peer);
    }
  }

  tell(reason: ExitReason): void {
    for (const peer of this.#peers) {
      this.remove(peer);
      peer.linkedExit(this.#own.pid, reason);
    }
  }
}
