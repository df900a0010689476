# SPDX-License-Identifier: Apache-2.0
"""SCons tool: where a build of sconnx remembers what it made, and shares it by `cache=`."""

import json
from pathlib import Path

from SCons import SConsign
from SCons.CacheDir import CacheDir, CacheRetrieveSilent
from SCons.Script import GetOption


class SharedCache(CacheDir):
    """SCons' cache, which says nothing of further files of a step, nor of a step that says nothing when it runs.

    A file that comes from it is as new as one that was built. With the time of the one in the cache, it might be taken for
    another: SCons does not look into a file that is older than two days and has the time, in seconds, that it remembers.
    """

    @classmethod
    def copy_from_cache(cls, env, src, dst):
        return env.fs.copy(src, dst)

    def retrieve(self, node):
        executor = node.get_executor()
        is_silent = all(getattr(action, "cmdstr", "") is None for action in executor.get_action_list())
        if self.is_enabled() and (is_silent or node is not executor.get_all_targets()[0]):
            return CacheRetrieveSilent(node, [], node.get_build_env(), execute=1) == 0
        return super().retrieve(node)


class ReadOnlyCache(SharedCache):
    """SCons' own locks the folder while it reads the settings in it, which needs a right to write."""

    def _readconfig(self, path):
        self.config = json.loads(Path(path, "config").read_text())


def generate(env):
    # Not by way of env.SConsignFile, which takes a $ in a path for a variable.
    SConsign.File(str(Path(env["SCONNX_BUILD"], ".sconsign").absolute()))
    if env["SCONNX_CACHE"]:
        env.CacheDir(env["SCONNX_CACHE"], ReadOnlyCache if GetOption("cache_readonly") else SharedCache)


def exists(env):
    return True
