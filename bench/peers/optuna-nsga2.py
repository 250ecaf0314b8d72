"""Optuna's NSGA-II on a space of ours. Told by the first line of input what to search: {space, directions, seeds,
evaluations, population}. For each seed and evaluation it prints a configuration and reads what that came to."""

import json
import sys

import optuna


def value_of(trial, variable):
    name = variable["name"]
    if variable["kind"] == "choice":
        return trial.suggest_categorical(name, variable["options"])
    suggest = trial.suggest_int if variable["kind"] == "integer" else trial.suggest_float
    return suggest(name, variable["min"], variable["max"], log=variable.get("log", False))


def is_met(condition, value):
    """Of our conditions those that the problems of the bench use: a value, or one of several."""
    return value in condition["oneOf"] if isinstance(condition, dict) else value == condition


def is_active(space, name, configuration):
    asked = space.get("when", {}).get(name, {})
    return all(path in configuration and is_met(condition, configuration[path]) for path, condition in asked.items())


def main():
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    plan = json.loads(sys.stdin.readline())
    space = plan["space"]
    for seed in range(plan["seeds"]):
        sampler = optuna.samplers.NSGAIISampler(population_size=plan["population"], seed=seed)
        study = optuna.create_study(directions=plan["directions"], sampler=sampler)
        for _ in range(plan["evaluations"]):
            trial = study.ask()
            configuration = {}
            for variable in space["variables"]:
                if is_active(space, variable["name"], configuration):
                    configuration[variable["name"]] = value_of(trial, variable)
            print(json.dumps(configuration), flush=True)
            study.tell(trial, json.loads(sys.stdin.readline()))


main()
