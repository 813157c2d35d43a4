"""A mirror on a branch of git, where pages are served from one. The branch has one commit, of the
newest publication: no branch leads to what is no longer public, which its host may keep a while."""

from __future__ import annotations

import asyncio
import os
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

from monitor.mirrors.folder import FolderPlace
from monitor.mirrors.ports import LIST, MirrorFailed
from monitor.runtime.processes.process import ends_with_parent

TIMEOUT_S = 120.0
_WHO = (
    "-c",
    "user.name=Estado",
    "-c",
    "user.email=estado@localhost",
    "-c",
    "gc.auto=0",
    "-c",
    "core.logAllRefUpdates=false",
)
_KEPT = ("PATH", "HOME", "SSH_AUTH_SOCK", "GIT_SSH_COMMAND", "LANG")


class GitPlace:
    """`folder` is ours alone: files are gathered there, then pushed over what the branch had."""

    def __init__(self, folder: Path, url: str, branch: str) -> None:
        self._folder = folder
        self._files = FolderPlace(folder)
        self._url = url
        self._branch = branch

    async def listed(self) -> bytes | None:
        """What the folder has: the branch is always pushed whole."""
        await self._begin()
        return await self._files.listed()

    async def put(self, name: str, content: bytes, content_type: str) -> None:
        await self._files.put(name, content, content_type)

    async def remove(self, name: str) -> None:
        await self._files.remove(name)

    async def finish(self, about: str) -> None:
        await self._begin()
        # What git hosts do with pages of ours is nothing: they are ready.
        await self._files.put(".nojekyll", b"", "text/plain")
        # The folder is ours alone: what a git that was killed has locked, nobody holds.
        (self._folder / ".git" / "index.lock").unlink(missing_ok=True)
        await self._git("add", "--all", "--force", ".")
        tree = await self._git("write-tree")
        commit = await self._git("commit-tree", tree, "-m", f"Publication {about}")
        await self._git(
            "push", "--force", "--quiet", self._url, f"{commit}:refs/heads/{self._branch}"
        )
        await self._git("update-ref", "refs/heads/mirror", commit)
        await self._git("prune", "--expire=now")

    async def _begin(self) -> None:
        if (self._folder / ".git" / "HEAD").exists():
            return
        try:
            await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
            # Files without a repository are of one that was begun and not ended.
            (self._folder / LIST).unlink(missing_ok=True)
        except OSError as error:
            raise MirrorFailed(str(error)) from error
        await self._git("init", "--quiet")

    async def _git(self, *words: str) -> str:
        """What it prints. Raises MirrorFailed where it fails, or does not end in time."""
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment |= {
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_NOSYSTEM": "1",
            # Never the repository that the data folder may lie in.
            "GIT_CEILING_DIRECTORIES": str(self._folder.resolve().parent),
        }
        try:
            process = await asyncio.create_subprocess_exec(
                "git", "-C", str(self._folder), *_WHO, *words,
                stdin=DEVNULL, stdout=PIPE, stderr=PIPE, env=environment, start_new_session=True,
                preexec_fn=ends_with_parent(),
            )  # fmt: skip
        except OSError as error:
            raise MirrorFailed(f"git: {error}") from error
        try:
            async with asyncio.timeout(TIMEOUT_S):
                out, err = await process.communicate()
        except TimeoutError as error:
            raise MirrorFailed(f"git {words[0]} did not end within {TIMEOUT_S:g} s") from error
        finally:
            if process.returncode is None:
                process.kill()
                await asyncio.shield(process.wait())
        if process.returncode != 0:
            why = err.decode("utf-8", "replace").strip()[:300]
            raise MirrorFailed(f"git {words[0]}: {why}")
        return out.decode().strip()
