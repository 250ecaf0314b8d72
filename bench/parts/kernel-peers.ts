import { repository } from "./fresh-process.ts";
import { installPeer } from "./installed-peer.ts";
import type { InstallablePeer } from "./installed-peer.ts";

/** A peer of `bench/kernel.ts`. */
export interface KernelPeer {
  readonly name: string;
  readonly version: string;
  /** What a program that does the task imports from it. */
  readonly imports: readonly string[];
  /** What it is made of; whatever these packages depend on is counted with them. */
  readonly packages: readonly string[];
  /** The files in `bench/peers` that use it, with what is said of each. */
  readonly contestants: Readonly<Record<string, string>>;
  /** Absent where it is a dependency of our development. */
  readonly install?: InstallablePeer;
}

/** A peer and the folder from which it is imported. */
export interface PresentPeer extends KernelPeer {
  readonly folder: string;
}

const zod = "zod@4.6.7";

const peers: readonly KernelPeer[] = [
  {
    name: "ai",
    version: "7.0.173",
    imports: ["ai"],
    packages: ["ai"],
    contestants: { "ai-sdk": "" },
  },
  {
    name: "@ax-llm/ax",
    version: "24.0.21",
    imports: ["@ax-llm/ax"],
    packages: ["@ax-llm/ax"],
    contestants: { "ax-without-metrics": ", mock's metrics off", ax: " as shipped" },
  },
  {
    name: "@openai/agents",
    version: "0.20.0",
    imports: ["@openai/agents"],
    packages: ["@openai/agents"],
    contestants: { "openai-agents": "" },
    install: { folder: "openai-agents-0.20.0", packages: ["@openai/agents@0.20.0", zod] },
  },
  {
    name: "@langchain/langgraph",
    // Later ones ask for packages that are not in every registry.
    version: "1.4.16",
    imports: ["@langchain/langgraph"],
    packages: ["@langchain/langgraph", "@langchain/core"],
    contestants: { langgraph: "" },
    install: {
      folder: "langgraph-1.4.16",
      packages: ["@langchain/langgraph@1.4.16", "@langchain/core@1.2.13", zod],
      // Without it npm searches for minutes among optional browser peers.
      flags: ["--legacy-peer-deps"],
    },
  },
  {
    name: "@mastra/core",
    version: "1.71.0",
    imports: ["@mastra/core/agent", "@mastra/core/workflows"],
    packages: ["@mastra/core"],
    contestants: { mastra: "" },
    install: { folder: "mastra-1.71.0", packages: ["@mastra/core@1.71.0", zod] },
  },
];

/** The peers that are here, or that can be installed if asked for; says of the others why they are not measured. */
export async function presentPeers(
  isInstalling: boolean,
): Promise<{ readonly present: readonly PresentPeer[]; readonly absent: readonly KernelPeer[] }> {
  const present: PresentPeer[] = [];
  const absent: KernelPeer[] = [];
  for (const peer of peers) {
    if (peer.install === undefined) present.push({ ...peer, folder: repository });
    else if (!isInstalling) absent.push(peer);
    else {
      const installed = await installPeer(peer.install);
      if (installed.ok) present.push({ ...peer, folder: installed.folder });
      else {
        absent.push(peer);
        console.log(`NOT MEASURED: ${peer.name} ${peer.version}: ${installed.reason}\n`);
      }
    }
  }
  if (!isInstalling) {
    const names = absent.map(({ name }) => name).join(", ");
    console.log(`NOT MEASURED: ${names}. With --peers they are installed beside the system's temporary files.\n`);
  }
  return { present, absent };
}
