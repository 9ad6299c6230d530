"""Draw what `make run` prints for its files as docs/run.svg, from the story a data folder keeps."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from local.demo import report  # noqa: E402 - found beside this folder

FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""Rich's picture asks a web server for its font; ours asks nobody."""


def main() -> int:
    """Return 0 when drawn, 2 when the folder keeps no story."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / ".verger"
    told = report.load(data / "story.json")
    if told is None:
        sys.stderr.write(f"{data} keeps no story yet. Run: make run\n")
        return 2
    with Path("/dev/null").open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=120, file=nowhere)
        report.files(console, told["files"], "What became of each file")
    svg = console.export_svg(title="make run", theme=DEFAULT_TERMINAL_THEME)
    (ROOT / "docs" / "run.svg").write_text(FONTS.sub("", svg), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
