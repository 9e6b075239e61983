"""What the tests need beside Python packages: Chromium, Java 17 or 21, Maven, and with these two the jars of Neo4j.

``python tests/provision.py`` finds them, installs what is missing where it may (apt-get as root; Playwright's own Chromium;
Maven Central into the user's cache folder) and says exactly what is still missing and how to get it.  Exit 0, or 1 where
CI is set and something is missing.  The finders are used by conftest.py as well.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from filelock import FileLock

NEO4J_VERSION = "5.26.31"
JAVA_VERSIONS = (21, 17)
POM = Path(__file__).resolve().parent / "neo4j" / "pom.xml"


@dataclass(frozen=True)
class Missing:
    """A thing that is not there, what the tests do without it, and how to get it."""

    what: str
    effect: str
    how: str

    def __str__(self) -> str:
        return f"MISSING {self.what}: {self.effect}\n    {self.how}"


CHROMIUM = Missing(
    "Chromium",
    "the tests in a real browser are skipped",
    "install the package chromium (or Google Chrome), run `playwright install chromium`, or set INNONET_CHROMIUM to the program",
)
JAVA = Missing("Java 17 or 21", "the tests against Neo4j are skipped", "install openjdk-17-jre-headless (or 21), or set NEO4J_TEST_URI, NEO4J_TEST_PASSWORD")
MAVEN = Missing(
    "Maven (mvn)", "the tests against Neo4j are skipped", "install maven, or set NEO4J_TEST_URI, NEO4J_TEST_PASSWORD to an empty server of your own"
)
JARS = Missing("the jars of Neo4j", "the tests against Neo4j are skipped", "run `python tests/provision.py` with access to Maven Central")


def find_chromium() -> Path | None:
    """The browser: INNONET_CHROMIUM, the system's, or Playwright's own download."""
    named = os.environ.get("INNONET_CHROMIUM")
    if named:
        return Path(named) if os.access(named, os.X_OK) else None
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        found = shutil.which(name)
        if found and not _snap_stub(Path(found)):
            return Path(found)
    for app in ("/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"):
        if os.access(app, os.X_OK):
            return Path(app)
    return _playwright_chromium()


def _snap_stub(path: Path) -> bool:
    """Ubuntu's chromium-browser is a script that only says: install the snap (and a snap cannot be driven from here)."""
    if "/snap/" in str(path.resolve()):
        return True
    with path.open("rb") as f:
        return b"snap" in f.read(4096)


def _playwright_chromium() -> Path | None:
    code = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    path = Path(done.stdout.strip())
    return path if done.returncode == 0 and path.is_file() else None


def find_java() -> Path | None:
    """A Java that Neo4j 5.26 runs on."""
    candidates = [Path(p) for p in (shutil.which("java"), os.environ.get("JAVA_HOME", "") and f"{os.environ['JAVA_HOME']}/bin/java") if p]
    for folder in ("/usr/lib/jvm", "/Library/Java/JavaVirtualMachines", "/opt/homebrew/opt", "/usr/local/opt"):
        candidates += sorted(Path(folder).glob("*/bin/java")) + sorted(Path(folder).glob("*/Contents/Home/bin/java"))
    return next((c for c in candidates if _java_version(c) in JAVA_VERSIONS), None)


def _java_version(java: Path) -> int | None:
    try:
        done = subprocess.run([java, "-version"], capture_output=True, text=True, check=False, timeout=30)
    except OSError:
        return None
    found = re.search(r'version "(\d+)', done.stderr)
    return int(found[1]) if found else None


def find_maven() -> Path | None:
    """The program mvn."""
    found = shutil.which("mvn")
    return Path(found) if found else None


def jar_folder() -> Path:
    """Where the jars of Neo4j are kept: outside the checkout, so that a fresh clone finds them."""
    return Path(platformdirs.user_cache_dir("innonet", appauthor=False)) / f"neo4j-{NEO4J_VERSION}"


def neo4j_jars() -> Path | Missing:
    """The folder of the jars, fetched by Maven when it is not there yet (about 125 MB, once a machine)."""
    folder = jar_folder()
    if folder.is_dir():
        return folder
    maven = find_maven()
    if maven is None:
        return MAVEN
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if folder.is_dir():  # another one fetched it while we waited
            return folder
        with tempfile.TemporaryDirectory(dir=folder.parent) as work:
            shutil.copy(POM, work)
            _tell(f"Neo4j {NEO4J_VERSION}: fetching its jars from Maven Central into {folder} ...")
            command = [maven, "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib"]
            environment = {k: v for k, v in os.environ.items() if k != "JAVA_HOME" or _java_version(Path(v) / "bin" / "java")}
            done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False, timeout=900)
            if done.returncode:
                return Missing(JARS.what, JARS.effect, f"Maven could not fetch them:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
            (Path(work) / "lib").replace(folder)  # complete or not at all
    return folder


def missing() -> list[Missing]:
    """Everything that is still missing, after trying to fetch the jars."""
    out = [] if find_chromium() else [CHROMIUM]
    if os.environ.get("NEO4J_TEST_URI"):
        return out
    if not find_java():
        out.append(JAVA)
    jars = neo4j_jars()
    return [*out, jars] if isinstance(jars, Missing) else out


def _tell(text: object) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _apt(wanted: Iterable[Iterable[str]]) -> None:
    """Install the first available package of each group.  Only as root, only where there is apt-get."""
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "-qq", "update"], env=environment, check=False)
    names = []
    for group in wanted:
        for name in group:
            policy = subprocess.run(["apt-cache", "policy", name], capture_output=True, text=True, check=False, env={**environment, "LC_ALL": "C"}).stdout
            # Ubuntu's chromium packages hold nothing but the way to a snap
            if "Candidate:" in policy and "Candidate: (none)" not in policy and "snap" not in policy:
                names.append(name)
                break
    if names:
        _tell(f"apt-get install {' '.join(names)}")
        subprocess.run(["apt-get", "-qq", "install", "-y", "--no-install-recommends", *names], env=environment, check=False, stdout=subprocess.DEVNULL)


def main() -> int:
    """Find, install, report."""
    wanted = []
    if not find_chromium():
        wanted.append(("chromium",))
    if not os.environ.get("NEO4J_TEST_URI"):
        if not find_java():
            wanted.append(("openjdk-17-jre-headless", "openjdk-21-jre-headless"))
        if not find_maven() and not jar_folder().is_dir():
            wanted.append(("maven",))
    if wanted:
        _apt(wanted)
    if not find_chromium() and not os.environ.get("INNONET_CHROMIUM"):
        command = [sys.executable, "-m", "playwright", "install", "chromium"]
        command += ["--with-deps"] if os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get") else []
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    left = missing()
    for m in left:
        _tell(m)
    return 1 if left and os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
