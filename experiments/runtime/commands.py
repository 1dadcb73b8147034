"""Commands that a user pastes into a shell."""

import os
import shlex
import shutil
import sys
from pathlib import Path


def python_command(module: str, *arguments: str, **variables: str) -> str:
    """``VARIABLE=value python -m module argument …``, quoted for the shell."""
    set_first = [f"{name}={shlex.quote(value)}" for name, value in variables.items()]
    return " ".join(
        [*set_first, _typed(Path(sys.executable), "python"), "-m", module, *_quoted(arguments)]
    )


def script_command(name: str, *arguments: str) -> str:
    """The same for a program that is installed beside this interpreter."""
    return " ".join([_typed(Path(sys.executable).with_name(name), name), *_quoted(arguments)])


def install_command(extra: str) -> str:
    """Installs an extra of this project, from its folder if it is installed from there."""
    project = Path(__file__).resolve().parents[2]
    if (project / "pyproject.toml").is_file():
        return python_command("pip", "install", "--editable", f"{project}[{extra}]")
    return python_command("pip", "install", f"nnscratch[{extra}]")


def _typed(program: Path, name: str) -> str:
    """``name`` if the shell finds the program by it, else its path from here."""
    found = shutil.which(name)
    return name if found == str(program) else shlex.quote(os.path.relpath(program))


def _quoted(words: tuple[str, ...]) -> list[str]:
    return [shlex.quote(word) for word in words]
