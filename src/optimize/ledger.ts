import { addUsage, noUsage } from "#programs";
import type { LanguageModel, Usage } from "#programs";
import { BudgetError } from "./budgeted-model.ts";
import type { Resource } from "./budget.ts";

/**
 * What the calls made for one job cost: counted where they are made, so that nothing is lost with a call that failed, a
 * module that tells no usage or a job that was aborted. It agrees with the run's account.
 */
export class Ledger {
  #usage: Usage = noUsage;
  /** Calls without an answer yet: if the job is aborted now, they were made all the same. */
  #open = 0;
  #refused: Resource | undefined;

  get usage(): Usage {
    return this.#open === 0 ? this.#usage : addUsage(this.#usage, { ...noUsage, calls: this.#open });
  }

  /** The limit at which one of the calls was refused, whatever the program made of the refusal. */
  get refused(): Resource | undefined {
    return this.#refused;
  }

  /** The model, with its calls on this ledger. */
  counting(model: LanguageModel): LanguageModel {
    return {
      id: model.id,
      generate: async (request, options) => {
        this.#open++;
        try {
          const reply = await model.generate(request, options);
          this.#usage = addUsage(this.#usage, reply.usage);
          return reply;
        } catch (error) {
          if (error instanceof BudgetError) this.#refused ??= error.limit;
          else this.#usage = addUsage(this.#usage, { ...noUsage, calls: 1 });
          throw error;
        } finally {
          this.#open--;
        }
      },
    };
  }
}
