"""One bash script for all phases of a build, as version 0.2 runs them.

A failed command ends its phase. After a failed `install` or `pre_build` nothing more runs; after a
failed `build`, `post_build` still does. The script tells its progress by lines
`PHASE STATUS` in one file (a failure adds the exit status), its exported variables by another.
"""

import shlex

from local.emulator.codebuild.buildspec import PHASES, Buildspec, Phase

_PRELUDE = """\
set +e
CODEBUILD_BUILD_SUCCEEDING=1; export CODEBUILD_BUILD_SUCCEEDING
__export() {
  : > {exports}
  for __name in {exported}; do
    printf '%s=%s\\0' "$__name" "${!__name}" >> {exports}
  done
}
trap __export EXIT
__run() {
  echo "$1 STARTED" >> {progress}
  if "__phase_$1"; then echo "$1 SUCCEEDED" >> {progress}; __status=0
  else
    __status=$?; echo "$1 FAILED $__status" >> {progress}; CODEBUILD_BUILD_SUCCEEDING=0; __failed=1
  fi
  declare -F "__finally_$1" > /dev/null && "__finally_$1"
  return $__status
}
__failed=0
"""


def render(spec: Buildspec, progress: str, exports: str) -> str:
    """Return the script.

    Args:
        spec: The buildspec.
        progress: The file that takes `PHASE STATUS` lines.
        exports: The file that takes `NAME=value` pairs, each ended by NUL.
    """
    head = _PRELUDE.replace("{exports}", shlex.quote(exports))
    head = head.replace("{progress}", shlex.quote(progress))
    head = head.replace("{exported}", " ".join(shlex.quote(name) for name in spec.exported))
    parts = [head]
    for name, phase in spec.phases.items():
        parts += _functions(name.upper(), phase)
    for name in PHASES:
        if name in spec.phases:
            ends = "; exit 1" if name in {"install", "pre_build"} else ""
            parts.append(f"__run {name.upper()} || {{ :{ends}; }}")
    parts.append("exit $__failed")
    return "\n".join(parts) + "\n"


def _functions(name: str, phase: Phase) -> list[str]:
    found = [_function(f"__phase_{name}", phase.commands)]
    if phase.finally_:
        found.append(_function(f"__finally_{name}", phase.finally_))
    return found


def _function(name: str, commands: tuple[str, ...]) -> str:
    lines = [f"{name}() {{"]
    for command in commands or (":",):
        shown = shlex.quote(f"[build] Running command {command.strip()}")
        lines += [f"echo {shown}", "{", command.rstrip("\n"), "} || return $?"]
    return "\n".join([*lines, "}"])
