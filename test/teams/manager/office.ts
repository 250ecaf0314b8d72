import { execute } from "#programs";
import type { ExecuteOptions, Execution } from "#programs";
import { managerProgram } from "#teams";
import type { AgentFunction, ManagedAgents, Manager, ManagerOptions, ManagerOutputs } from "#teams";

export const goal = "Implement feature X";

/** Four stub agents, two of them for one kind, and who was called in which order. */
export function office(changes: Partial<ManagerOptions> = {}): Manager & { readonly called: string[] } {
  const called: string[] = [];
  const stub =
    (id: string, output: string): AgentFunction =>
    () => (called.push(id), { [output]: `by ${id}` });
  const agents: ManagedAgents = {
    tester: { kinds: ["test"], agent: stub("tester", "verdict") },
    python: { kinds: ["code"], agent: stub("python", "code") },
    javascript: { kinds: ["code"], agent: stub("javascript", "code") },
    planner: { kinds: ["plan"], agent: stub("planner", "approach") },
  };
  return { ...managerProgram({ name: "office", agents, ...changes }), called };
}

export const run = (manager: Manager, options: ExecuteOptions = {}): Promise<Execution<ManagerOutputs>> =>
  execute(manager.program, { goal }, { modules: manager.modules, ...options });
