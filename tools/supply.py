# ruff: noqa: INP001
"""What the program is made of and whether any of it is known to be vulnerable: build/sbom.json (CycloneDX) and pip-audit.

The bill comes from requirements.txt and from web/static/vendor.  A known vulnerability ends with 1.  Where the vulnerability service
does not know a package or cannot be reached, that is said loudly: what was not looked at is not safe.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).resolve().parent.parent
SBOM = ROOT / "build" / "sbom.json"
SECONDS = 120


def main() -> int:
    """Write the bill, ask for vulnerabilities; 0, or 1 when there is one."""
    SBOM.parent.mkdir(exist_ok=True)
    run = subprocess.run(
        [_tool("cyclonedx-py"), "requirements", str(ROOT / "requirements.txt"), "--sv", "1.6", "--output-format", "JSON", "-o", str(SBOM)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if run.returncode:
        click.echo(run.stderr, err=True)
        return run.returncode
    bill: dict[str, Any] = json.loads(SBOM.read_text(encoding="utf-8"))
    bill["components"] += [_vendored(p) for p in sorted((ROOT / "web" / "static" / "vendor").iterdir()) if p.is_dir()]
    SBOM.write_text(json.dumps(bill, indent=1), encoding="utf-8")
    click.echo(f"{SBOM.relative_to(ROOT)}: {len(bill['components'])} Bestandteile / components")
    return audit()


def audit() -> int:
    """Ask pip-audit about requirements.txt."""
    command = [_tool("pip-audit"), "-r", str(ROOT / "requirements.txt"), "--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
        found = json.loads(run.stdout)["dependencies"] if run.stdout else None
    except (subprocess.TimeoutExpired, json.JSONDecodeError, KeyError):
        found = None
    if found is None:
        click.echo("!!! NICHT GEPRÜFT: der Dienst für Schwachstellen ist nicht erreichbar. / NOT AUDITED: the vulnerability service cannot be reached.")
        return 0
    unknown = [d["name"] for d in found if "skip_reason" in d]
    if unknown:
        click.echo(f"!!! NICHT GEPRÜFT / NOT AUDITED: {len(unknown)} von/of {len(found)}: {', '.join(unknown[:8])}{' ...' if len(unknown) > 8 else ''}")
    weak = [(d, v) for d in found for v in d.get("vulns", ())]
    for d, v in weak:
        click.echo(f"Schwachstelle / vulnerability: {d['name']} {d['version']}: {v['id']} (behoben in / fixed in {', '.join(v['fix_versions']) or '–'})")
    if not weak and len(unknown) < len(found):
        click.echo(f"Keine bekannte Schwachstelle in {len(found) - len(unknown)} Paketen. / No known vulnerability in {len(found) - len(unknown)} packages.")
    return 1 if weak else 0


def _tool(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _vendored(folder: Path) -> dict[str, Any]:
    version = (folder / "VERSION").read_text(encoding="utf-8").split()[-1]
    licences = [{"license": {"id": p.name.removeprefix("LICENSE-")}} for p in sorted(folder.glob("LICENSE-*"))]
    return {"type": "library", "name": folder.name, "version": version, "purl": f"pkg:npm/{folder.name}@{version}", "licenses": licences}


if __name__ == "__main__":
    raise SystemExit(main())
