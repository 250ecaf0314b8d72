import { agent, AgentRuntime, child, named, Registry, Supervisor } from "tutti/foundation/agents";

type Message = "count" | "crash";
const counter = agent<number, Message>({
  name: "counter",
  init: () => 0,
  handle(message, count, context) {
    if (message === "crash") throw new Error("on purpose");
    context.reply(count + 1);
    return count + 1;
  },
});
using runtime = new AgentRuntime();
const names = new Registry(runtime);
await using _supervisor = await Supervisor.start(
  { children: [child("counter", named(names, "counter", counter), undefined)] },
  { runtime },
);
const address = names.ref<Message>("counter"); // survives restarts

console.log(await address.call("count"), await address.call("count")); // 1 2
await address.call("crash").catch((error: unknown) => console.log(String(error))); // it ended before it answered
console.log(await address.call("count")); // 1: its supervisor has started it anew
