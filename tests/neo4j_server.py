"""A real Neo4j for the tests, without Docker: the jars of tests/provision.py, a folder of its own, a free port."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import provision

FLAGS = [f"--add-opens=java.base/{p}=ALL-UNNAMED" for p in ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")]
CONF = """
server.directories.data={home}/data
server.directories.logs={home}/logs
server.bolt.listen_address=127.0.0.1:{port}
server.bolt.advertised_address=127.0.0.1:{port}
server.http.enabled=false
server.https.enabled=false
server.memory.pagecache.size=64m
db.transaction.timeout=120s
dbms.usage_report.enabled=false
"""
# LOAD CSV of files stays allowed here, as on any server that was not set up by us: the inspection of plans has to hold.


@dataclass
class Neo4jServer:
    """A running server.  ``process`` is None for one that was there already (NEO4J_TEST_URI)."""

    uri: str
    username: str
    password: str
    database: str = "neo4j"
    process: subprocess.Popen[str] | None = field(default=None, repr=False)

    def stop(self) -> None:
        """End the process that was started; leave a server that was not."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
            if self.process.stdout is not None:
                self.process.stdout.close()


def start(home: Path) -> Neo4jServer | provision.Missing:
    """NEO4J_TEST_URI if set, else a server of our own in ``home``; or what is missing for one."""
    uri = os.environ.get("NEO4J_TEST_URI")
    if uri:
        return Neo4jServer(
            uri, os.environ.get("NEO4J_TEST_USERNAME", "neo4j"), os.environ.get("NEO4J_TEST_PASSWORD", ""), os.environ.get("NEO4J_TEST_DATABASE", "neo4j")
        )
    java = provision.find_java()
    if java is None:
        return provision.JAVA
    jars = provision.neo4j_jars()
    if isinstance(jars, provision.Missing):
        return jars
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    password = secrets.token_urlsafe(12)
    (home / "conf").mkdir(parents=True)
    (home / "conf" / "neo4j.conf").write_text(CONF.format(home=home, port=port), encoding="utf-8")
    environment = {**os.environ, "NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")}
    base = [str(java), "-Xmx700m", *FLAGS, "-cp", f"{jars}/*"]
    subprocess.run([*base, "org.neo4j.cli.AdminTool", "dbms", "set-initial-password", password], env=environment, check=True, capture_output=True, timeout=120)
    command = [*base, "org.neo4j.server.CommunityEntryPoint", f"--home-dir={home}", f"--config-dir={home / 'conf'}", "--console-mode"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    server = Neo4jServer(f"bolt://127.0.0.1:{port}", "neo4j", password, process=process)
    said = []
    assert process.stdout is not None
    for line in process.stdout:  # ends with the process
        said.append(line)
        if line.rstrip().endswith("Started."):
            return server
    server.stop()
    raise RuntimeError("Neo4j did not start:\n" + "".join(said[-30:]))
