# SPDX-License-Identifier: Apache-2.0
"""SCons tool: `env.SconnxFleet(builds)` builds the firmwares of a fleet.toml, puts them side by side, and then judges them."""

from pathlib import Path

from sconnx.project.fleet import fleet_base_file, fleet_base_options, fleet_options, is_run


def _fleet(env, builds):
    folder = env.SconnxFolder(f"{env['SCONNX_BUILD']}/fleet")
    files, reports, verified = [], [], []
    for build in builds:
        firmware = env.SconnxFirmware(build, env.SconnxModels(build))
        files += [firmware.report[0], *(firmware.run if is_run(build) else [])]
        reports.append(firmware.report[0])
        if is_run(build) and any(model.vectors for model in build.models):
            verified += firmware.verify
    base = _base(env, builds[0], folder) if builds[0].base else []
    options = fleet_options(builds, bool(base))
    fleet = env.SconnxStep("fleet", [folder.File("fleet.json"), folder.File("fleet.md")], [files, base], options)
    table = env.AlwaysBuild(env.Alias("table of the fleet", fleet, env.SconnxShow(fleet[:1])))
    limits = env.SconnxStep("limits", folder.File("limits.json"), [fleet[0], reports], options)
    # What fails comes last, below the table.
    env.Requires(limits, [table, verified])
    env.Alias("fleet", limits)
    env.Clean("fleet", folder)


def _base(env, settings, folder):
    """fleet.json of base=, a file or a revision."""
    file = fleet_base_file(settings)
    if file:
        return [env.fs.File(str(file))]
    options = fleet_base_options(Path(env.Dir("#").abspath), settings)
    return env.SconnxStep("fleet-base", folder.Dir("base").Dir(options["revision"]).File("fleet.json"), [], options)


def generate(env):
    env.Tool("sconnx_firmware")
    env.AddMethod(_fleet, "SconnxFleet")


def exists(env):
    return True
